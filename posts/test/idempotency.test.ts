import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anEvent, startPosts, type TestPosts } from './start-posts.ts'

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
  const write = async (text: string, userId: number, key: Record<string, string>) => {
    const response = await posts.write(text, userId, key)
    return { status: response.status, body: Object(await response.json()), response }
  }

  test('answers the post as it is by then', async () => {
    const key = aKey()
    const { post_id } = (await write('first', 10, key)).body
    await posts.edit(post_id, 'second', 10)
    const again = await write('first', 10, key)
    expect(again).toMatchObject({ status: 201, body: { post_id, text_content: 'second' } })
    const read = await posts.request(`/posts/${post_id}`)
    expect(again.response.headers.get('etag')).toBe(read.headers.get('etag'))
  })

  test('whose post was deleted writes it never again, whatever was killed meanwhile', async () => {
    const key = aKey()
    const { post_id } = (await write('gone', 11, key)).body
    await posts.remove(post_id, 11)
    await using other = await posts.startAgain()
    for (const { write: send } of [posts, other]) {
      const again = await send('gone', 11, key)
      expect(again.status).toBe(404)
      expect(await again.json()).toMatchObject({ code: 'post_not_found' })
    }
    expect(await countOf(11)).toBe(0)
  })

  test('of a disabled writer is not answered as if the account were deleted', async () => {
    const key = aKey()
    await write('hidden', 12, key)
    await posts.bus.publish([anEvent('user.disabled.v1', { user_id: 12 })])
    expect((await write('hidden', 12, key)).body).toMatchObject({ code: 'post_not_found' })
    await posts.bus.publish([anEvent('user.enabled.v1', { user_id: 12 })])
    expect((await write('hidden', 12, key)).status).toBe(201)
    expect(await countOf(12)).toBe(1)
  })

  test('is kept without the text, and goes with an erased account', async () => {
    const key = aKey()
    await write('personal', 13, key)
    const kept = await posts.sql`select * from post_key where creator_id = 13`
    expect(kept).toHaveLength(1)
    expect(JSON.stringify(kept)).not.toMatch(/personal|key-/)
    await posts.bus.publish([anEvent('user.deleted.v1', { user_id: 13 })])
    expect(await posts.sql`select 1 from post_key where creator_id = 13`).toHaveLength(0)
    expect((await write('personal', 13, key)).body).toMatchObject({ code: 'account_deleted' })
  })

  test('is new again after a day, and then old ones are swept', async () => {
    const [key, other] = [aKey(), aKey()]
    for (const each of [key, other]) await write('daily', 14, each)
    await posts.sql`
      update post_key
      set created_at = now() - interval '25 hours'
      where creator_id = 14`
    expect((await write('another', 14, key)).status).toBe(201)
    expect(await countOf(14)).toBe(3)
    expect(await posts.sql`select 1 from post_key where creator_id = 14`).toHaveLength(1)
  })
})
