import { connectPostgres, type Sql, type Tx } from '@ego/kit/postgres'
import { identifier, type Statement, toStatement } from '@ego/kit/sql-text'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FollowList } from '../src/follow/store.ts'
import { postgresFollows } from '../src/follow/store-postgres.ts'
import { startUsers, type TestUsers } from './start-users.ts'

const crowd = 100_000
const firstFan = 1_000_001

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
  expect(left).toEqual({ people: crowd + 1, following: 0, follows: 0, dead_letters: 0 })
})

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

type Explained = { 'QUERY PLAN': [{ Plan: Record<string, number> }] }

/** Of the statement that the store really sends: how many rows it answers, and how many blocks it touches for them. */
async function explainList(planMode: string, wanted: FollowList) {
  const { text, values } = await statementOf((sql) => postgresFollows(sql).list(wanted))
  const literals = values.map((value) => (value === null ? 'null' : String(Number(value))))
  await using session = await users.sql.openSession({ purpose: 'explain' })
  await session.sql.script(`set plan_cache_mode = ${planMode}`)
  await session.sql.script(`prepare listed as ${text}`)
  const [explained] = await session.sql.script<[Explained]>(
    `explain (analyze, buffers, format json) execute listed(${literals.join(', ')})`,
  )
  const plan = explained['QUERY PLAN'][0].Plan
  const blocks = (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
  return { rows: plan['Actual Rows'], blocks }
}

async function statementOf(ask: (sql: Sql) => Promise<unknown>): Promise<Statement> {
  let statement: Statement | undefined
  const recording = async (strings: TemplateStringsArray, ...values: unknown[]) => {
    statement = toStatement(strings, values)
    return []
  }
  await ask(Object.assign(recording, users.sql) as Sql)
  if (!statement) throw new Error('Nothing was asked.')
  return statement
}

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
  const [index] = await owner<[{ definition: string }]>`
    select pg_get_indexdef('profile_search'::regclass) as definition`
  for (const { table, name } of keys) {
    await owner`alter table ${identifier(table)} drop constraint ${identifier(name)}`
  }
  await owner.script('drop index profile_search')
  await work()
  await owner.script(index.definition)
  for (const { table, name, definition } of keys) {
    await owner.script(`alter table ${table} add constraint ${name} ${definition}`)
  }
}
