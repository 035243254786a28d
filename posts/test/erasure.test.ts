import type { Tx } from '@ego/kit/postgres/postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eraseInBatches } from '../src/account/on-deleted.ts'
import { onFollow } from '../src/feed/on-follow.ts'
import { writePost } from '../src/post/create-postgres.ts'
import { anEvent, startPosts, type TestPosts } from './start-posts.ts'

let posts: TestPosts

beforeAll(async () => {
  posts = await startPosts()
})
afterAll(() => posts[Symbol.asyncDispose]())

const itemsOf = async (path: string, userId: number) => {
  const headers = await posts.identity.headers({ userId })
  const response = await posts.request(`/posts${path}`, { headers })
  expect(response.status).toBe(200)
  return Object(await response.json()).items
}
const rowsOf = async (userId: number) => ({
  posts: (await posts.sql`select 1 from post where creator_id = ${userId}`).length,
  follows: (await posts.sql`select 1 from follow where ${userId} in (follower_id, followed_id)`)
    .length,
})

/** Ninety-five posts, thirty follows on each side, a name. */
async function aMuchFollowedWriter(userId: number): Promise<void> {
  await posts.bus.publish([
    anEvent('user.registered.v1', { user_id: userId, username: `writer${userId}` }),
    anEvent('profile.completed.v1', { user_id: userId, first_name: 'A', last_name: 'L' }),
  ])
  await posts.sql`
    with written as (
      insert into post (creator_id, text_content)
      select ${userId}::bigint, 'ephemeral ' || n
      from generate_series(1, 94) as n
      returning post_id, creator_id
    )
    insert into search_stale (post_id, creator_id)
    select post_id, creator_id
    from written`
  await posts.sql`
    insert into follow (follower_id, followed_id)
    select ${userId}::bigint, 500 + n
    from generate_series(1, 30) as n
    union all
    select 500 + n, ${userId}
    from generate_series(1, 30) as n`
  // The index learns of the others by the way.
  await posts.write('ephemeral too', userId)
  await posts.indexed()
}

test('an erasure that is interrupted has hidden everything, and goes on with what is left', async () => {
  await aMuchFollowedWriter(1)
  const [{ post_id }] = await itemsOf('?creator_id=1', 501)
  let batches = 0
  const interrupted = eraseInBatches({
    sql: posts.sql,
    atOnceMax: 10,
    wakeIndex() {
      batches += 1
      if (batches === 3) throw new Error('killed')
    },
  })
  await expect(interrupted(1)).rejects.toThrow('killed')
  expect(await rowsOf(1)).toEqual({ posts: 65, follows: 60 })
  for (const path of ['?creator_id=1', '', '/feed', '/search?q=ephemeral']) {
    expect(await itemsOf(path, 501)).toEqual([])
  }
  expect((await posts.request(`/posts/${post_id}`)).status).toBe(404)
  expect((await posts.write('late', 1)).status).toBe(401)
  await posts.bus.publish([
    anEvent('user.enabled.v1', { user_id: 1 }),
    anEvent('user.followed.v1', { follower_id: 1, followed_id: 600 }),
  ])
  expect(await itemsOf('?creator_id=1', 501)).toEqual([])

  await posts.bus.publish([anEvent('user.deleted.v1', { user_id: 1 })])
  expect(await rowsOf(1)).toEqual({ posts: 0, follows: 0 })
  const rows =
    await posts.sql`select username, first_name, is_deleted, is_disabled from author where user_id = 1`
  const nothing = { username: null, first_name: null, is_deleted: true, is_disabled: false }
  expect([...rows]).toEqual([nothing])
  await posts.indexed()
  expect(await posts.sql`select 1 from search_document where creator_id = 1`).toHaveLength(0)
})

test('an erasure takes no more than a batch at once', async () => {
  await aMuchFollowedWriter(2)
  let batches = 0
  const erase = eraseInBatches({
    sql: posts.sql,
    atOnceMax: 40,
    wakeIndex() {
      batches += 1
    },
  })
  await erase(2)
  // Three batches of posts, and one that finds none.
  expect(batches).toBe(4)
  expect(await rowsOf(2)).toEqual({ posts: 0, follows: 0 })
})

describe('six accounts of which nothing has arrived yet', () => {
  const erase = (userIds: readonly number[]) =>
    Promise.all(
      userIds.map((userId) => posts.bus.publish([anEvent('user.deleted.v1', { user_id: userId })])),
    )

  /** Erases them while that transaction is open, and commits it when the erasures wait for it, or have not. */
  async function eraseDuring(userIds: readonly number[], work: (tx: Tx) => Promise<unknown>) {
    let erasing: Promise<unknown> = Promise.resolve()
    await posts.sql.begin(async (tx) => {
      await work(tx)
      erasing = erase(userIds)
      await Promise.race([erasing, expect.poll(waiting).toBe(userIds.length)])
    })
    await erasing
  }

  test('are erased while they follow and are followed, and no follow stays', async () => {
    const erased = [3001, 3002, 3003, 3004, 3005, 3006]
    await eraseDuring(erased, async (tx) => {
      for (const userId of erased) {
        const pair = userId % 2 ? [userId, userId - 1000] : [userId + 1000, userId]
        const [follower_id, followed_id] = pair
        const event = anEvent('user.followed.v1', { follower_id, followed_id })
        const handler = onFollow.find(({ type }) => type === event.type)
        await handler?.prepare(event).apply(tx)
      }
      expect(await tx`select 1 from follow`).not.toHaveLength(0)
    })
    for (const userId of erased) expect(await rowsOf(userId)).toEqual({ posts: 0, follows: 0 })
  })

  test('are erased while they write, and no post stays', async () => {
    const erased = [5001, 5002, 5003, 5004, 5005, 5006]
    await eraseDuring(erased, async (tx) => {
      for (const creatorId of erased) await writePost(tx, { creatorId, textContent: 'x' }, null)
    })
    for (const userId of erased) expect(await rowsOf(userId)).toEqual({ posts: 0, follows: 0 })
  })
})

/** How many statements wait for a lock. */
async function waiting(): Promise<number> {
  const rows = await posts.sql`
    select 1
    from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  return rows.length
}
