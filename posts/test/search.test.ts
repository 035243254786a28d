import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startPosts, type TestPosts } from './start-posts.ts'

let posts: TestPosts

beforeAll(async () => {
  posts = await startPosts()
  for (const text of ['quick brown fox', 'the brown bear', 'a red fox', 'Füchse und 狐']) {
    await posts.write(text)
  }
})
afterAll(() => posts[Symbol.asyncDispose]())

const page = z.strictObject({
  items: z.array(z.looseObject({ text_content: z.string() })),
  next_cursor: z.string().nullable(),
})

async function search(query: Record<string, string>) {
  const response = await posts.request(`/posts/search?${new URLSearchParams(query)}`)
  expect(response.status).toBe(200)
  const { items, next_cursor } = page.parse(await response.json())
  return { texts: items.map((item) => item.text_content), next_cursor }
}

describe('a search', () => {
  test.each([
    ['fox', ['a red fox', 'quick brown fox']],
    ['BROWN fox', ['quick brown fox']],
    ['"brown bear"', ['the brown bear']],
    ['brown -fox', ['the brown bear']],
    ['füchse', ['Füchse und 狐']],
    ['nothing', []],
    ['', []],
  ])('for %j finds %j, newest first, for anybody', async (q, texts) => {
    expect(await search({ q })).toEqual({ texts, next_cursor: null })
  })

  test('finds a post as soon as it is written', async () => {
    await posts.write('unheardof')
    expect((await search({ q: 'unheardof' })).texts).toEqual(['unheardof'])
  })

  test('in pages misses and repeats nothing while posts are added', async () => {
    for (let number = 1; number <= 5; number += 1) await posts.write(`paged ${number}`)
    const first = await search({ q: 'paged', limit: '2' })
    await posts.write('paged 6')
    const second = await search({ q: 'paged', limit: '2', cursor: first.next_cursor ?? '' })
    const third = await search({ q: 'paged', limit: '2', cursor: second.next_cursor ?? '' })
    expect([...first.texts, ...second.texts, ...third.texts]).toEqual([
      'paged 5',
      'paged 4',
      'paged 3',
      'paged 2',
      'paged 1',
    ])
    expect(third.next_cursor).toBeNull()
  })

  test.each([
    "'",
    '"',
    '"open',
    '\\',
    '*',
    ':*',
    '&',
    '|',
    '!',
    '-',
    '((',
    '🙂',
    '<->',
    'a & | b',
    '%',
  ])('for %j is a valid search', async (q) => {
    await search({ q })
  })

  test.each([
    ['no q', {}],
    ['q with NUL', { q: 'a\0' }],
    ['a long q', { q: 'a'.repeat(10_000) }],
    ['limit 0', { q: 'a', limit: '0' }],
    ['limit 101', { q: 'a', limit: '101' }],
    ['limit many', { q: 'a', limit: 'many' }],
    ['a forged cursor', { q: 'a', cursor: 'AAAA' }],
    ['a cursor that is no id', { q: 'a', cursor: '../../etc/passwd' }],
    ['an unknown parameter', { q: 'a', page: '2' }],
  ])('with %s is 422', async (_, query) => {
    const response = await posts.request(`/posts/search?${new URLSearchParams(query)}`)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code: 'validation_failed' })
  })
})
