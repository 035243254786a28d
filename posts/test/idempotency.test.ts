import { memoryKeyValue } from '@ego/kit/key-value-memory'
import { Problem } from '@ego/kit/problem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { once } from '../src/post/idempotency.ts'
import { startPosts, type TestPosts } from './start-posts.ts'

let posts: TestPosts

beforeAll(async () => {
  posts = await startPosts()
})
afterAll(() => posts[Symbol.asyncDispose]())

let keys = 0
const aKey = () => {
  keys += 1
  return { 'idempotency-key': `key-${keys}` }
}
const countOf = async (userId: number) =>
  (await posts.sql`select 1 from post where creator_id = ${userId}`).length

describe('a post with an Idempotency-Key', () => {
  test('sent again is answered with the first post, and says so', async () => {
    const key = aKey()
    const first = await posts.write('once', 1, key)
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null])
    const again = await posts.write('once', 1, key)
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
    expect(await again.json()).toEqual(await first.json())
    for (const name of ['location', 'etag']) {
      expect(again.headers.get(name)).toBe(first.headers.get(name))
    }
    expect(await countOf(1)).toBe(1)
  })

  test('of another body is 422, of another person another post', async () => {
    const key = aKey()
    await posts.write('this', 2, key)
    const other = await posts.write('that', 2, key)
    expect(other.status).toBe(422)
    expect(await other.json()).toMatchObject({ code: 'idempotency_key_reused' })
    expect((await posts.write('that', 3, key)).status).toBe(201)
    expect([await countOf(2), await countOf(3)]).toEqual([1, 1])
  })

  test('twenty times at once is written once', async () => {
    const key = aKey()
    const answers = await Promise.all(Array.from({ length: 20 }, () => posts.write('race', 4, key)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses).toContain(201)
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(answer.status).toBe(409)
      expect(answer.headers.get('retry-after')).toBe('1')
      expect(await answer.json()).toMatchObject({ code: 'idempotency_key_in_use' })
    }
    expect(await countOf(4)).toBe(1)
    expect((await posts.write('race', 4, key)).status).toBe(201)
  })

  test('that was refused may be sent again with another body', async () => {
    const key = aKey()
    expect((await posts.write(' ', 5, key)).status).toBe(422)
    expect((await posts.write('right', 5, key)).status).toBe(201)
  })

  test.each(['', 'two words', 'ü', 'x'.repeat(256), 'tab\tin'])('%j is 422', async (key) => {
    const response = await posts.write('text', 6, { 'idempotency-key': key }).catch(() => null)
    // What no header can hold never leaves the client.
    if (response) expect(response.status).toBe(422)
    expect(await countOf(6)).toBe(0)
  })
})

describe('a key', () => {
  function aStore() {
    let nowMs = 0
    let ids = 0
    const newId = async () => {
      ids += 1
      return `id ${ids}`
    }
    const run = once({
      keyValue: memoryKeyValue({ now: () => nowMs }),
      newId,
      now: () => nowMs,
    })
    const asked = { userId: 1, key: 'k', body: 'b' }
    return { run, asked, pass: (ms: number) => (nowMs += ms) }
  }

  test('whose process was killed is taken over with the same id', async () => {
    const { run, asked, pass } = aStore()
    void run(asked, () => new Promise(() => {}))
    await new Promise(setImmediate)
    await expect(run(asked, async (id) => id)).rejects.toMatchObject({ status: 409 })
    pass(30_001)
    expect(await run(asked, async (id) => id)).toEqual({ answer: 'id 1', isReplay: false })
    expect(await run(asked, async () => 'never')).toEqual({ answer: 'id 1', isReplay: true })
  })

  test('whose outcome is not known is tried with the same id, one that was refused with a new one', async () => {
    const { run, asked } = aStore()
    await expect(run(asked, () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    await expect(
      run(asked, (id) => Promise.reject(new Problem(401, 'no', id))),
    ).rejects.toMatchObject({ message: 'id 1' })
    const { answer } = await run(asked, async (id) => id)
    expect(answer).not.toBe('id 1')
  })

  test('is new again after a day', async () => {
    const { run, asked, pass } = aStore()
    await run(asked, async (id) => id)
    pass(86_400_001)
    expect(await run(asked, async (id) => id)).toMatchObject({ isReplay: false })
  })
})
