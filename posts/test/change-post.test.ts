import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anEvent, startPosts, type TestPosts } from './start-posts.ts'

let posts: TestPosts

beforeAll(async () => {
  posts = await startPosts()
})
afterAll(() => posts[Symbol.asyncDispose]())

let writers = 100
const aWriter = () => {
  writers += 1
  return writers
}

async function aPost(text: string, userId: number) {
  const response = await posts.write(text, userId)
  const { post_id } = Object(await response.json())
  return { postId: String(post_id), etag: response.headers.get('etag') ?? '' }
}

const read = (postId: string, headers: Record<string, string> = {}) =>
  posts.request(`/posts/${postId}`, { headers })
const codeOf = async (response: Response) => [response.status, Object(await response.json()).code]
const typesOf = async (userId: number) => (await posts.events(userId)).map(({ type }) => type)

describe('a post', () => {
  test('is read without a token, and is 304 while it has not changed', async () => {
    const { postId, etag } = await aPost('readable', aWriter())
    const response = await read(postId)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ post_id: postId, text_content: 'readable' })
    expect(response.headers.get('etag')).toBe(etag)
    expect((await read(postId, { 'if-none-match': etag })).status).toBe(304)
  })

  test('has another tag with another name or avatar of its writer, and may be changed under the old one', async () => {
    const userId = aWriter()
    const { postId, etag } = await aPost('carded', userId)
    const names = { user_id: userId, first_name: 'A', last_name: 'L' }
    const avatar_url = '/users/1/avatar?v=1'
    const tags = [etag]
    for (const event of [
      anEvent('user.registered.v1', { user_id: userId, username: 'ada' }),
      anEvent('profile.completed.v1', names),
      anEvent('user.renamed.v1', { user_id: userId, username: 'ada2' }),
      anEvent('profile.updated.v1', { ...names, avatar_url }),
      anEvent('profile.hidden.v1', { user_id: userId }),
    ]) {
      await posts.bus.publish([event])
      tags.push((await read(postId)).headers.get('etag') ?? '')
    }
    // Without names there is no card yet, and a hidden one is not shown.
    const [first, , completed, renamed, withAvatar, hidden] = tags
    expect(new Set([first, completed, renamed, withAvatar]).size).toBe(4)
    expect(hidden).toBe(first)
    const edited = await posts.edit(postId, 'changed', userId, { 'if-match': renamed ?? '' })
    expect(edited.status).toBe(200)
    const shown = await read(postId)
    expect(shown.headers.get('etag')).toBe(edited.headers.get('etag'))
  })

  test.each(['00000000-0000-7000-8000-000000000000', '0199d1d2-8c6a-7e0f-9a51-3a1c9de0f0aa'])(
    'of the unknown id %s is 404',
    async (postId) => {
      expect(await codeOf(await read(postId))).toEqual([404, 'post_not_found'])
      expect(await codeOf(await posts.edit(postId, 'x'))).toEqual([404, 'post_not_found'])
      expect(await codeOf(await posts.remove(postId))).toEqual([404, 'post_not_found'])
    },
  )

  test.each(['1', 'feedx', "'--", '%00'])('of %j, which is no id, is 422', async (postId) => {
    expect(await codeOf(await read(encodeURIComponent(postId)))).toEqual([422, 'validation_failed'])
  })
})

describe('an edit', () => {
  test('is answered, read again, told of and tagged anew', async () => {
    const userId = aWriter()
    const { postId, etag } = await aPost('first', userId)
    const response = await posts.edit(postId, ' second ', userId)
    expect(response.status).toBe(200)
    const edited = Object(await response.json())
    expect(edited).toMatchObject({ post_id: postId, text_content: ' second ' })
    expect(edited.updated_at > edited.created_at).toBe(true)
    expect(response.headers.get('etag')).not.toBe(etag)
    expect(await (await read(postId)).json()).toEqual(edited)
    expect((await posts.events(userId)).at(-1)).toEqual({
      type: 'post.edited.v1',
      payload: {
        post_id: postId,
        creator_id: userId,
        text_content: ' second ',
        updated_at: edited.updated_at,
      },
    })
  })

  test('to the same text is 200 and writes no event', async () => {
    const userId = aWriter()
    const { postId, etag } = await aPost('same', userId)
    const response = await posts.edit(postId, 'same', userId)
    expect([response.status, response.headers.get('etag')]).toEqual([200, etag])
    expect(await typesOf(userId)).toEqual(['post.created.v1'])
  })

  test('under an old tag is 412 and changes nothing, under the right one 200', async () => {
    const userId = aWriter()
    const { postId, etag } = await aPost('first', userId)
    const edited = await posts.edit(postId, 'second', userId, { 'if-match': etag })
    expect(edited.status).toBe(200)
    for (const old of [etag, '"nonsense"', 'W/"1"', '']) {
      const stale = await posts.edit(postId, 'third', userId, { 'if-match': old })
      expect(await codeOf(stale)).toEqual([412, 'post_changed'])
      const removed = await posts.remove(postId, userId, { 'if-match': old })
      expect(await codeOf(removed)).toEqual([412, 'post_changed'])
    }
    expect(await (await read(postId)).json()).toMatchObject({ text_content: 'second' })
    expect((await posts.edit(postId, 'third', userId, { 'if-match': '*' })).status).toBe(200)
  })

  test('under a list of tags is 200 where one of them is right, and 412 where none is', async () => {
    const userId = aWriter()
    const { postId, etag } = await aPost('first', userId)
    const second = await posts.edit(postId, 'second', userId)
    const current = second.headers.get('etag') ?? ''
    for (const none of [`${etag}, "x"`, `W/${current}`, `${etag},W/${current}`, ',', '*, "x"']) {
      const stale = await posts.edit(postId, 'third', userId, { 'if-match': none })
      expect(await codeOf(stale)).toEqual([412, 'post_changed'])
      const removed = await posts.remove(postId, userId, { 'if-match': none })
      expect(await codeOf(removed)).toEqual([412, 'post_changed'])
    }
    const list = `${etag} ,, "x",${current}`
    const third = await posts.edit(postId, 'third', userId, { 'if-match': list })
    expect(third.status).toBe(200)
    const one = `"x", ${third.headers.get('etag')}`
    expect((await posts.remove(postId, userId, { 'if-match': one })).status).toBe(204)
    expect((await posts.remove(postId, userId, { 'if-match': '*' })).status).toBe(404)
  })

  test('twenty times at once under one tag happens once', async () => {
    const userId = aWriter()
    const { postId, etag } = await aPost('first', userId)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        posts.edit(postId, `edit ${n}`, userId, { 'if-match': etag }),
      ),
    )
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([200, ...Array(19).fill(412)])
    expect(await typesOf(userId)).toEqual(['post.created.v1', 'post.edited.v1'])
  })

  test('of another is 403, without a token 401, and of a wrong text 422', async () => {
    const { postId } = await aPost('mine', aWriter())
    expect(await codeOf(await posts.edit(postId, 'x', aWriter()))).toEqual([403, 'not_your_post'])
    expect(await codeOf(await posts.remove(postId, aWriter()))).toEqual([403, 'not_your_post'])
    expect((await posts.request(`/posts/${postId}`, { method: 'DELETE' })).status).toBe(401)
    expect((await posts.edit(postId, ' ', aWriter())).status).toBe(422)
    expect(await (await read(postId)).json()).toMatchObject({ text_content: 'mine' })
  })
})

test('a stranger does not wait for a writer who changes a post', async () => {
  const { postId } = await aPost('busy', aWriter())
  await posts.sql.begin(async (tx) => {
    await tx`
      select 1
      from post
      where post_id = ${postId}
      for update`
    const stranger = aWriter()
    expect((await posts.edit(postId, 'x', stranger)).status).toBe(403)
    expect((await posts.remove(postId, stranger)).status).toBe(403)
  })
})

test('the OpenAPI document tells of the headers of the answers', async () => {
  const { paths } = Object(await (await posts.request('/posts/openapi.json')).json())
  const namesOf = (path: string, method: string, status: number) =>
    Object.keys(paths[path][method].responses[status].headers ?? {})
  expect(namesOf('/posts', 'post', 201)).toEqual(['ETag', 'Location', 'Idempotency-Replayed'])
  expect(namesOf('/posts/{post_id}', 'get', 200)).toEqual(['ETag'])
  expect(namesOf('/posts/{post_id}', 'get', 304)).toEqual(['ETag'])
  expect(namesOf('/posts/{post_id}', 'patch', 200)).toEqual(['ETag'])
})

describe('a deletion', () => {
  test('is 204 once, then there is nothing to read, edit or delete', async () => {
    const userId = aWriter()
    const { postId } = await aPost('gone', userId)
    const answers = await Promise.all(Array.from({ length: 5 }, () => posts.remove(postId, userId)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404, 404])
    expect((await read(postId)).status).toBe(404)
    expect((await posts.edit(postId, 'x', userId)).status).toBe(404)
    expect(await posts.events(userId)).toMatchObject([
      { type: 'post.created.v1' },
      { type: 'post.deleted.v1', payload: { post_id: postId, creator_id: userId } },
    ])
  })
})

describe('an erased account', () => {
  test('leaves no post, and writes none with a token that lives on', async () => {
    const userId = aWriter()
    const { postId } = await aPost('erased', userId)
    await posts.bus.publish([anEvent('user.deleted.v1', { user_id: userId })])
    expect((await read(postId)).status).toBe(404)
    expect(await codeOf(await posts.write('too late', userId))).toEqual([401, 'account_deleted'])
    const late = { user_id: userId, first_name: 'A', last_name: 'B', avatar_url: null }
    await posts.bus.publish([
      anEvent('profile.updated.v1', late),
      anEvent('user.renamed.v1', { user_id: userId, username: 'late' }),
    ])
    const rows = await posts.sql`
      select username, first_name
      from author
      where user_id = ${userId}`
    expect([...rows]).toEqual([{ username: null, first_name: null }])
    await posts.indexed()
    const left = await posts.sql`select 1 from search_document where creator_id = ${userId}`
    expect(left).toHaveLength(0)
  })

  test('that is erased while it writes leaves nothing', async () => {
    const userId = aWriter()
    await posts.bus.publish([anEvent('user.registered.v1', { user_id: userId, username: 'w' })])
    const writing = Array.from({ length: 40 }, (_, n) => posts.write(`race ${n}`, userId))
    const erasing = posts.bus.publish([anEvent('user.deleted.v1', { user_id: userId })])
    const answers = await Promise.all(writing)
    await erasing
    const statuses = new Set(answers.map(({ status }) => status))
    expect([...statuses].filter((status) => status !== 201 && status !== 401)).toEqual([])
    expect(await posts.sql`select 1 from post where creator_id = ${userId}`).toHaveLength(0)
  })
})
