import { connectPostgres, type Tx } from '@ego/kit/postgres/postgres'
import { identifier } from '@ego/kit/postgres/sql-text'
import { explained } from '@ego/kit/testing/explained'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { FollowList } from '../../src/follow/store.ts'
import { postgresFollows } from '../../src/follow/store-postgres.ts'
import { startUsers, type TestUsers } from '../start-users.ts'

const crowd = 100_000
const firstFan = 1_000_001

const listSchema = z.object({
  items: z.array(z.object({ user_id: z.int() })),
  next_cursor: z.string().nullable(),
})

let users: TestUsers
let author: Awaited<ReturnType<TestUsers['aPerson']>>

beforeAll(async () => {
  users = await startUsers()
  author = await users.aPerson()
  await using owner = connectPostgres({ url: users.ownerUrl, max: 1 })
  await withoutGuards(owner, () => insertFans(owner))
  await owner.script('vacuum analyze account, profile, follow')
})
afterAll(() => users[Symbol.asyncDispose]())

describe('a list of a hundred thousand', () => {
  // A page is 21 people, each found by a few blocks of four indexes.
  const blocksMax = 500
  // Of hidden ones 710 are looked at, each found by four blocks, or five.
  const hiddenBlocksMax = 4_500

  test.each(['force_custom_plan', 'force_generic_plan'])(
    'reads as little for its last page as for its first, with %s',
    async (planMode) => {
      const page = { side: 'followers', userId: author.userId, limit: 21 } as const
      const before = await positionAfter(20)
      for (const viewerId of [author.userId, firstFan, null]) {
        const wanted = { ...page, viewerId }
        const first = await explainList(planMode, { ...wanted, before: null })
        const last = await explainList(planMode, { ...wanted, before })
        expect([first.rows, last.rows]).toEqual([21, 20])
        expect(first.blocks).toBeLessThan(blocksMax)
        expect(last.blocks).toBeLessThan(blocksMax)
      }
    },
  )

  test.each(['force_custom_plan', 'force_generic_plan'])(
    'reads little of three thousand hidden ones at a time, and finds all others, with %s',
    async (planMode) => {
      const { userId } = await anotherAuthor(3_500)
      const isHidden = (isDisabled: boolean) => users.sql`
        update profile
        set is_disabled = ${isDisabled}
        where user_id between ${firstFan + 300} and ${firstFan + 3_399}`
      await isHidden(true)
      const wanted = { side: 'followers', userId, viewerId: null, limit: 21 } as const
      const [{ before }] = await users.sql<[{ before: number }]>`
        select position as before
        from follow
        where followed_id = ${userId} and follower_id = ${firstFan + 3_400}`
      const { blocks } = await explainList(planMode, { ...wanted, before })
      expect(blocks).toBeLessThan(hiddenBlocksMax)
      const found: number[] = []
      const sizes: number[] = []
      for (let cursor = ''; sizes.length < 100; ) {
        const path = `/users/${userId}/followers?limit=20${cursor && `&cursor=${cursor}`}`
        const page = listSchema.parse(await (await users.request(path)).json())
        found.push(...page.items.map((item) => item.user_id))
        sizes.push(page.items.length)
        if (!page.next_cursor) break
        cursor = page.next_cursor
      }
      const ids = (from: number, count: number) =>
        Array.from({ length: count }, (_, n) => firstFan + from + count - 1 - n)
      expect(found).toEqual([...ids(3_400, 100), ...ids(0, 300)])
      expect(sizes).toContain(0)
      await isHidden(false)
      await users.tell('user.deleted.v1', userId)
    },
  )

  test('is whole for a client, at its ends', async () => {
    const list = async (query: string) => {
      const response = await users.request(`/users/${author.userId}/followers?${query}`)
      expect(response.status).toBe(200)
      return response.json()
    }
    const newest = { items: [{ user_id: firstFan + crowd - 1 }], next_cursor: expect.any(String) }
    expect(await list('limit=1')).toMatchObject(newest)
    const cursor = Buffer.from(String(await positionAfter(1))).toString('base64url')
    const last = await list(`limit=1&cursor=${cursor}`)
    expect(last).toMatchObject({ items: [{ user_id: firstFan }], next_cursor: null })
  })
})

test('an author goes with all followers, whose counters are right at once', async () => {
  const author = await anotherAuthor(3_500)
  const follower = await users.aPerson()
  const path = `/users/me/following/${author.userId}`
  await users.request(path, { method: 'PUT', headers: follower.headers })
  const read = async () => (await users.request(`/users/${follower.userId}`)).json()
  expect(await read()).toMatchObject({ following: 1 })
  await users.tell('user.deleted.v1', author.userId)
  expect(await read()).toMatchObject({ following: 0 })
  const [left] = await users.sql`
    select
      count(*) as people,
      sum(following) as following,
      (select count(*) from follow) as follows,
      (select count(*) from dead_letter) as dead_letters
    from profile`
  expect(left).toEqual({ people: crowd + 2, following: crowd, follows: crowd, dead_letters: 0 })
})

/** Whom so many of the fans follow too; the oldest first. */
async function anotherAuthor(followers: number) {
  const author = await users.aPerson()
  await users.sql`
    with entered as (
      insert into follow (follower_id, followed_id)
      select id, ${author.userId}
      from generate_series(${firstFan}::bigint, ${firstFan + followers - 1}) as id
      order by id
      returning follower_id
    )
    update profile
    set following = following + 1
    where user_id in (select follower_id from entered)`
  await users.sql`
    update profile
    set followers = ${followers}
    where user_id = ${author.userId}`
  return author
}

/** Where the list goes on when so many are left of it. */
async function positionAfter(left: number): Promise<number> {
  const [{ position }] = await users.sql<[{ position: number }]>`
    select position
    from follow
    where followed_id = ${author.userId}
    order by position
    offset ${left}
    limit 1`
  return position
}

const explainList = (planMode: string, wanted: FollowList) =>
  explained(users.sql, planMode, (sql) => postgresFollows(sql).list(wanted))

async function insertFans(sql: Tx): Promise<void> {
  const lastFan = firstFan + crowd - 1
  await sql`
    insert into account (user_id, username)
    select id, 'fan' || id
    from generate_series(${firstFan}::bigint, ${lastFan}) as id`
  await sql`
    insert into profile (user_id, username, first_name, last_name, gender, birthday, following)
    select user_id, username, 'A', 'Fan', 'other', '2000-01-01', 1
    from account
    where user_id >= ${firstFan}`
  await sql`
    insert into follow (follower_id, followed_id)
    select id, ${author.userId}
    from generate_series(${firstFan}::bigint, ${lastFan}) as id`
  await sql`
    update profile
    set followers = ${crowd}
    where user_id = ${author.userId}`
}

/** Checking a hundred thousand rows all at once takes half of the time of checking each. */
async function withoutGuards(owner: Tx, work: () => Promise<void>): Promise<void> {
  const keys = await owner<{ table: string; name: string; definition: string }[]>`
    select conrelid::regclass as table, conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint
    where contype = 'f' and conrelid in ('follow'::regclass, 'profile'::regclass)`
  const indexes = await owner<{ name: string; definition: string }[]>`
    select indexrelid::regclass as name, pg_get_indexdef(indexrelid) as definition
    from pg_index
    where indrelid = 'profile'::regclass and not indisprimary`
  for (const { table, name } of keys) {
    await owner`alter table ${identifier(table)} drop constraint ${identifier(name)}`
  }
  for (const { name } of indexes) await owner.script(`drop index ${name}`)
  await work()
  for (const { definition } of indexes) await owner.script(definition)
  for (const { table, name, definition } of keys) {
    await owner.script(`alter table ${table} add constraint ${name} ${definition}`)
  }
}
