import { explained } from '@ego/kit/testing/explained'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresFeed } from '../src/feed/store-postgres.ts'
import { anEvent, startPosts, type TestPosts } from './start-posts.ts'

let posts: TestPosts

beforeAll(async () => {
  posts = await startPosts()
})
afterAll(() => posts[Symbol.asyncDispose]())

const follow = (follower_id: number, followed_id: number) =>
  posts.bus.publish([anEvent('user.followed.v1', { follower_id, followed_id })])
const unfollow = (follower_id: number, followed_id: number) =>
  posts.bus.publish([anEvent('user.unfollowed.v1', { follower_id, followed_id })])

async function feed(userId: number, parameters: Record<string, string> = {}) {
  const response = await posts.request(`/posts/feed?${new URLSearchParams(parameters)}`, {
    headers: await posts.identity.headers({ userId }),
  })
  expect(response.status).toBe(200)
  const { items, next_cursor } = Object(await response.json())
  const texts: string[] = items.map((item: { text_content: string }) => item.text_content)
  return { texts, items, next: next_cursor === null ? null : String(next_cursor) }
}

describe('a feed', () => {
  test('holds the own posts and those of the followed, the newest first', async () => {
    await follow(1, 2)
    await posts.write('mine', 1)
    await posts.write('theirs', 2)
    await posts.write('of a stranger', 3)
    await posts.write('mine again', 1)
    expect((await feed(1)).texts).toEqual(['mine again', 'theirs', 'mine'])
    expect((await feed(2)).texts).toEqual(['theirs'])
    await unfollow(1, 2)
    expect((await feed(1)).texts).toEqual(['mine again', 'mine'])
    await unfollow(1, 2)
    await follow(1, 2)
    await follow(1, 2)
    expect((await feed(1)).texts).toEqual(['mine again', 'theirs', 'mine'])
  })

  test('carries the card of each writer, with what changed of it', async () => {
    await follow(10, 11)
    await posts.write('carded', 11)
    const card = {
      user_id: 11,
      first_name: 'A',
      last_name: 'L',
      avatar_url: '/users/11/avatar?v=x',
    }
    await posts.bus.publish([
      anEvent('user.registered.v1', { user_id: 11, username: 'ada' }),
      anEvent('profile.updated.v1', card),
    ])
    expect((await feed(10)).items).toMatchObject([{ author: { username: 'ada', ...card } }])
    await posts.bus.publish([anEvent('profile.hidden.v1', { user_id: 11 })])
    expect((await feed(10)).items).toMatchObject([{ text_content: 'carded', author: null }])
    await posts.bus.publish([anEvent('profile.restored.v1', { ...card, avatar_url: null })])
    expect((await feed(10)).items).toMatchObject([{ author: { avatar_url: null } }])
  })

  test('in pages repeats and misses nothing while posts are added', async () => {
    for (const followed of [21, 22, 23]) await follow(20, followed)
    for (let n = 0; n < 9; n += 1) await posts.write(`post ${n}`, 20 + (n % 4))
    const found: string[] = []
    let cursor: string | null = null
    do {
      const at: Record<string, string> = cursor === null ? {} : { cursor }
      const page = await feed(20, { limit: '2', ...at })
      found.push(...page.texts)
      cursor = page.next
      await posts.write('later', 21)
    } while (cursor !== null)
    expect(found).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => `post ${n}`))
  })

  test('leaves out who is disabled, and shows them again', async () => {
    await follow(30, 31)
    await posts.write('shown', 31)
    await posts.bus.publish([anEvent('user.disabled.v1', { user_id: 31 })])
    expect((await feed(30)).texts).toEqual([])
    await posts.bus.publish([anEvent('user.enabled.v1', { user_id: 31 })])
    expect((await feed(30)).texts).toEqual(['shown'])
  })

  test('forgets who was erased, and a follow that arrives late', async () => {
    await follow(40, 41)
    await posts.write('erased', 41)
    await posts.bus.publish([anEvent('user.deleted.v1', { user_id: 41 })])
    await follow(40, 41)
    expect((await feed(40)).texts).toEqual([])
    const rows = await posts.sql`select 1 from follow where 41 in (follower_id, followed_id)`
    expect(rows).toHaveLength(0)
  })

  test('of a new member is empty, without a token 401, with a forged cursor 422', async () => {
    expect(await feed(50)).toMatchObject({ texts: [], next: null })
    expect((await posts.request('/posts/feed')).status).toBe(401)
    const headers = await posts.identity.headers({ userId: 50 })
    const forged = await posts.request('/posts/feed?cursor=forged', { headers })
    expect(forged.status).toBe(422)
  })

  test('takes no cursor of another list', async () => {
    for (let n = 0; n < 3; n += 1) await posts.write(`page ${n}`, 70)
    const [own, mixed] = [await nextOf('?creator_id=70', 70), await nextOf('', 70)]
    const [fed, ofOther] = [await nextOf('/feed', 70), await nextOf('/feed', 20)]
    const statusOf = async (path: string) => {
      const headers = await posts.identity.headers({ userId: 70 })
      return (await posts.request(`/posts${path}`, { headers })).status
    }
    expect(await statusOf(`/feed?cursor=${fed}`)).toBe(200)
    for (const cursor of [own, mixed, ofOther]) {
      expect(await statusOf(`/feed?cursor=${cursor}`)).toBe(422)
    }
    expect(await statusOf(`?creator_id=70&cursor=${own}`)).toBe(200)
    for (const cursor of [fed, mixed]) {
      expect(await statusOf(`?creator_id=70&cursor=${cursor}`)).toBe(422)
    }
    expect(await statusOf(`?creator_id=7&cursor=${own}`)).toBe(422)
    expect(await statusOf(`?cursor=${mixed}`)).toBe(200)
    expect(await statusOf(`?cursor=${own}`)).toBe(422)
  })

  test.each(['force_generic_plan', 'force_custom_plan'])(
    'of five hundred followed reads no more than the newest few of each, under %s',
    async (planMode) => {
      await followManyWriters()
      const { rows, rowsRead } = await explained(posts.sql, planMode, (sql) =>
        postgresFeed(sql).list({ userId: 60, before: null, limit: 21 }),
      )
      expect(rows).toBe(21)
      // Of each writer the newest few, and once more those of the page; all of them are forty thousand.
      expect(rowsRead('post')).toBeLessThanOrEqual(501 * 21 + 21)
    },
  )
})

async function nextOf(path: string, userId: number): Promise<string> {
  const headers = await posts.identity.headers({ userId })
  const url = `/posts${path}${path.includes('?') ? '&' : '?'}limit=1`
  const { next_cursor } = Object(await (await posts.request(url, { headers })).json())
  expect(next_cursor).toEqual(expect.any(String))
  return String(next_cursor)
}

let areFollowed = false

async function followManyWriters(): Promise<void> {
  if (areFollowed) return
  areFollowed = true
  await posts.sql`
    insert into follow (follower_id, followed_id)
    select 60, 1000 + n
    from generate_series(1, 500) as n`
  await posts.sql`
    insert into post (creator_id, text_content)
    select 1000 + n % 500 + 1, 'many ' || n
    from generate_series(1, 20000) as n`
  await posts.sql`
    insert into post (creator_id, text_content)
    select 1001, 'of one ' || n
    from generate_series(1, 20000) as n`
}
