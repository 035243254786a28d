import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { aMember, aPassword, call, eventually } from './client.ts'

const profile = { first_name: 'Grace', last_name: 'Test', gender: 'female', birthday: '1990-01-31' }
const post = z.looseObject({ post_id: z.uuid(), text_content: z.string() })
const page = z.object({
  items: z.array(z.looseObject({ post_id: z.uuid() })),
  next_cursor: z.string().nullable(),
})

async function aPerson() {
  const member = await aMember()
  await call('/users', { method: 'POST', token: member.token, body: profile })
  return member
}

async function write(token: string, text_content: string, headers: Record<string, string> = {}) {
  const answer = await call('/posts', { method: 'POST', token, body: { text_content }, headers })
  expect(answer.status).toBe(201)
  return { ...answer, post: post.parse(answer.body) }
}

const idsOf = (body: unknown) => page.parse(body).items.map(({ post_id }) => post_id)

describe('a post', () => {
  test('is read, edited with its ETag, and deleted', async () => {
    const { userId, token } = await aPerson()
    const written = await write(token, 'first')
    const path = `/posts/${written.post.post_id}`
    const read = await call(path)
    expect(read.body).toMatchObject({ creator_id: userId, text_content: 'first' })
    const etag = read.headers.get('etag') ?? ''
    expect((await call(path, { headers: { 'if-none-match': etag } })).status).toBe(304)
    const edit = (text_content: string) =>
      call(path, { method: 'PATCH', token, body: { text_content }, headers: { 'if-match': etag } })
    expect((await edit('second')).body).toMatchObject({ text_content: 'second' })
    expect((await edit('third')).body).toMatchObject({ code: 'post_changed' })
    const stranger = await aMember()
    const refused = await call(path, { method: 'DELETE', token: stranger.token })
    expect(refused.body).toMatchObject({ status: 403, code: 'not_your_post' })
    expect((await call(path, { method: 'DELETE', token })).status).toBe(204)
    expect((await call(path)).body).toMatchObject({ code: 'post_not_found' })
  })

  test('with an Idempotency-Key is written once', async () => {
    const { userId, token, username } = await aPerson()
    const key = { 'idempotency-key': `key-${username}` }
    const [one, two] = [await write(token, 'once', key), await write(token, 'once', key)]
    // The author's card may arrive between the two requests.
    const { author: _, ...written } = one.post
    expect(two.post).toMatchObject(written)
    expect(two.headers.get('idempotency-replayed')).toBe('true')
    expect(idsOf((await call(`/posts?creator_id=${userId}`)).body)).toEqual([one.post.post_id])
  })
})

describe('a search', () => {
  test('finds, highlights and pages the posts that a member has just written', async () => {
    const { token, username } = await aPerson()
    const word = username.replace('.', '')
    const ids: string[] = []
    for (let n = 0; n < 3; n += 1) ids.unshift((await write(token, `${word} <${n}>`)).post.post_id)
    const first = await call(`/posts/search?q=${word}&sort=newest&limit=2`, { token })
    expect(first.body).toMatchObject({
      items: [{ highlights: [`<em>${word}</em> &lt;2&gt;`] }, {}],
    })
    const { next_cursor } = page.parse(first.body)
    const second = await call(`/posts/search?q=${word}&sort=newest&limit=2&cursor=${next_cursor}`)
    expect([...idsOf(first.body), ...idsOf(second.body)]).toEqual(ids)
    expect(idsOf((await call(`/posts/search?q=${word.slice(0, 8)}*`)).body)).toHaveLength(3)
  })
})

describe('a feed', () => {
  test('shows the posts of followed users with their cards', async () => {
    const [reader, writer] = [await aPerson(), await aPerson()]
    const following = `/users/me/following/${writer.userId}`
    await call(following, { method: 'PUT', token: reader.token })
    const { post } = await write(writer.token, 'for my followers')
    const feed = () => call('/posts/feed', { token: reader.token })
    const shown = await eventually(feed, ({ body }) =>
      JSON.stringify(body).includes('"first_name"'),
    )
    expect(shown.body).toMatchObject({
      items: [{ post_id: post.post_id, author: { username: writer.username } }],
    })
    await call(following, { method: 'DELETE', token: reader.token })
    const empty = await eventually(feed, ({ body }) => idsOf(body).length === 0)
    expect(idsOf(empty.body)).toEqual([])
  })
})

test('the posts of an erased account are not findable within two seconds', async () => {
  const { userId, token, username } = await aPerson()
  const word = username.replace('.', '')
  await write(token, word)
  expect(idsOf((await call(`/posts/search?q=${word}`, { token })).body)).toHaveLength(1)
  await call('/auth/me', { method: 'DELETE', token, body: { password: aPassword } })
  const from = Date.now()
  const ask = (path: string) =>
    eventually(
      () => call(path),
      ({ body }) => idsOf(body).length === 0,
    )
  expect(idsOf((await ask(`/posts/search?q=${word}`)).body)).toEqual([])
  expect(idsOf((await ask(`/posts?creator_id=${userId}`)).body)).toEqual([])
  expect(Date.now() - from).toBeLessThan(2_000)
})
