import { isStorable } from '@ego/kit/http/text'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { hostileQueries } from '../src/search/search-index-cases.contract.ts'
import { anEvent, startPosts, type TestPosts } from './start-posts.ts'

let posts: TestPosts

beforeAll(async () => {
  posts = await startPosts()
  for (const text of ['quick brown fox', 'the brown bear', 'a red fox', 'Füchse und 狐']) {
    await posts.write(text)
  }
  await posts.indexed()
})
afterAll(() => posts[Symbol.asyncDispose]())

const page = z.strictObject({
  items: z.array(z.looseObject({ text_content: z.string(), highlights: z.array(z.string()) })),
  next_cursor: z.string().nullable(),
})

async function search(query: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await posts.request(`/posts/search?${new URLSearchParams(query)}`, { headers })
  expect(response.status).toBe(200)
  const { items, next_cursor } = page.parse(await response.json())
  return { texts: items.map((item) => item.text_content), items, next_cursor }
}

describe('a search', () => {
  test.each([
    ['fox', ['a red fox', 'quick brown fox']],
    ['BROWN fox', ['quick brown fox']],
    ['"brown bear"', ['the brown bear']],
    ['brown -fox', ['the brown bear']],
    ['füchse', ['Füchse und 狐']],
    ['fuchs*', ['Füchse und 狐']],
    ['nothing', []],
    ['!!!', []],
  ])('for %j finds %j without a token', async (q, texts) => {
    const found = await search({ q, sort: 'newest' })
    expect(found).toMatchObject({ texts, next_cursor: null })
    const relevant = await search({ q })
    expect(relevant.texts.sort()).toEqual([...texts].sort())
  })

  test('without words finds everything, the newest first', async () => {
    expect((await search({ sort: 'newest', limit: '2' })).texts).toEqual([
      'Füchse und 狐',
      'a red fox',
    ])
  })

  test('shows what was found, and nothing of it is HTML but the marks', async () => {
    await posts.write('a <b>wolf</b> & "more"')
    await posts.indexed()
    const { items } = await search({ q: 'wolf' })
    expect(items[0]?.highlights).toEqual([
      'a &lt;b&gt;<em>wolf</em>&lt;/b&gt; &amp; &quot;more&quot;',
    ])
  })

  test('of a member finds what that member has just written, edited and deleted', async () => {
    const headers = await posts.identity.headers({ userId: 30 })
    for (let n = 0; n < 20; n += 1) {
      const { post_id } = Object(await (await posts.write(`unheardof${n}`, 30)).json())
      expect((await search({ q: `unheardof${n}` }, headers)).texts).toHaveLength(1)
      await posts.edit(post_id, `otherwise${n}`, 30)
      expect((await search({ q: `unheardof${n}` }, headers)).texts).toEqual([])
      expect((await search({ q: `otherwise${n}` }, headers)).texts).toHaveLength(1)
      await posts.remove(post_id, 30)
      expect((await search({ q: `otherwise${n}` }, headers)).texts).toEqual([])
    }
  })

  test('may name a writer and a time', async () => {
    const from = new Date()
    await posts.write('timed', 41)
    await posts.write('timed', 42)
    await posts.indexed()
    expect((await search({ q: 'timed', creator_id: '42' })).items).toMatchObject([
      { creator_id: 42 },
    ])
    expect((await search({ q: 'timed', since: from.toISOString() })).texts).toHaveLength(2)
    expect((await search({ q: 'timed', until: from.toISOString() })).texts).toEqual([])
    expect((await search({ q: 'timed', since: '2999-01-01T00:00:00+02:00' })).texts).toEqual([])
  })

  test('leaves out who is disabled, and finds them again afterwards', async () => {
    await posts.write('disappearing', 50)
    await posts.indexed()
    await posts.bus.publish([anEvent('user.disabled.v1', { user_id: 50 })])
    expect((await search({ q: 'disappearing' })).texts).toEqual([])
    expect(Object(await (await posts.request('/posts?creator_id=50')).json()).items).toEqual([])
    await posts.indexed()
    const left = await posts.sql`select 1 from search_document where creator_id = 50`
    expect(left).toHaveLength(0)
    await posts.bus.publish([anEvent('user.enabled.v1', { user_id: 50 })])
    await posts.indexed()
    expect((await search({ q: 'disappearing' })).texts).toHaveLength(1)
  })

  test.each(['newest', 'relevance'])(
    'in pages by %s misses and repeats nothing while posts are added',
    async (sort) => {
      const word = `paged${sort}`
      for (let number = 1; number <= 5; number += 1) await posts.write(`${word} ${number}`)
      await posts.indexed()
      const found: string[] = []
      let cursor = ''
      do {
        const next = await search({ q: word, sort, limit: '2', ...(cursor && { cursor }) })
        found.push(...next.texts)
        cursor = next.next_cursor ?? ''
        await posts.write(`${word} later`)
        await posts.indexed()
      } while (cursor)
      const early = found.filter((text) => !text.endsWith('later'))
      expect(early).toEqual([5, 4, 3, 2, 1].map((number) => `${word} ${number}`))
    },
  )

  const isAccepted = (q: string) => q.length <= 1_000 && isStorable(q)
  test.each(hostileQueries.filter(isAccepted))('for %j is a valid search', async (q) => {
    await search({ q })
  })

  test.each(['1e-300', '1e-46', '1e-999', '9.99999999999999999999', '-1', 'NaN'])(
    'with the forged score %s is no failure of ours',
    async (score) => {
      const first = await search({ q: 'brown', limit: '1' })
      const name = Buffer.from(first.next_cursor ?? '', 'base64url')
        .toString()
        .split(' ')
        .slice(0, 2)
      const id = '0199d1d2-8c6a-7e0f-9a51-000000000001'
      const forged = cursor([...name, score, id, id].join(' '))
      const response = await posts.request(
        `/posts/search?${new URLSearchParams({ q: 'brown', limit: '1', cursor: forged })}`,
      )
      expect([200, 422]).toContain(response.status)
    },
  )

  test('for words that each stand hundreds of times in many posts is answered', async () => {
    const emoji = Array.from({ length: 20 }, (_, n) => String.fromCodePoint(0x1f400 + n))
    const text = Array.from({ length: 5_000 }, (_, n) => emoji[n % 20]).join('')
    for (let n = 0; n < 60; n += 1) await posts.write(text, 77)
    await posts.indexed()
    // Ranked place by place against each other, sixty of these take longer than a statement may.
    const { texts } = await search({ q: emoji.join(' '), limit: '1' })
    expect(texts).toEqual([text])
  })

  const cursor = (text: string) => Buffer.from(text).toString('base64url')
  test.each([
    ['q with NUL', { q: 'a\0' }],
    ['a long q', { q: 'a'.repeat(10_000) }],
    ['limit 0', { q: 'a', limit: '0' }],
    ['limit 101', { q: 'a', limit: '101' }],
    ['limit many', { q: 'a', limit: 'many' }],
    ['a forged cursor', { q: 'a', cursor: 'AAAA' }],
    ['a cursor that is no position', { q: 'a', cursor: cursor('relevance ../../etc/passwd') }],
    ['an unknown order', { q: 'a', sort: 'best' }],
    ['a time that is none', { q: 'a', since: '2026-02-30T00:00:00Z' }],
    ['a day instead of a time', { q: 'a', since: '2026-02-03' }],
    ['a writer that is no number', { q: 'a', creator_id: 'ada' }],
    ['an unknown parameter', { q: 'a', page: '2' }],
  ])('with %s is 422', async (_, query) => {
    const response = await posts.request(`/posts/search?${new URLSearchParams(query)}`)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code: 'validation_failed' })
  })
})
