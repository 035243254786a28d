import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { endFollows } from '../../src/account-events/end-follows-postgres.ts'
import { startUsers, type TestUsers } from '../start-users.ts'

type Member = Awaited<ReturnType<TestUsers['aMember']>>

let users: TestUsers

beforeAll(async () => {
  users = await startUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const follow = (who: Member, whom: Member) =>
  users.request(`/users/me/following/${whom.userId}`, { method: 'PUT', headers: who.headers })

/** Another client, in a transaction that the test leads step by step. */
async function openTransaction() {
  const session = await users.sql.openSession({ purpose: 'test' })
  await session.sql`begin`
  return {
    lock: ({ userId }: Member) => session.sql`
      select 1
      from profile
      where user_id = ${userId}
      for no key update`,
    /** Fails where another one has the lock. */
    lockAtOnce: ({ userId }: Member) => session.sql`
      select 1
      from profile
      where user_id = ${userId}
      for no key update nowait`,
    commit: () => session.sql`commit`,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

const waitForWaiters = (count: number) =>
  vi.waitFor(
    async () => {
      const waiters = await users.sql`
        select 1
        from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      expect(waiters).toHaveLength(count)
    },
    { timeout: 4_000, interval: 5 },
  )

test('an erasure locks the lower ids first, as everywhere', async () => {
  const [low, erased, high] = [await users.aPerson(), await users.aPerson(), await users.aPerson()]
  await follow(erased, high)
  await follow(low, erased)
  await using other = await openTransaction()
  await other.lock(low)
  const erasure = users.tell('user.deleted.v1', erased.userId)
  await waitForWaiters(1)
  await other.lockAtOnce(erased)
  await other.lockAtOnce(high)
  await other.commit()
  await erasure
  const rows = await users.sql`select 1 from profile where followers + following > 0`
  expect(rows).toHaveLength(0)
})

test('an erasure knows of a follow that was under way when it began, before it locks', async () => {
  const [lowest, low] = [await users.aPerson(), await users.aPerson()]
  const [erased, high] = [await users.aPerson(), await users.aPerson()]
  await follow(erased, high)
  await follow(erased, lowest)
  await using holder = await openTransaction()
  await using other = await openTransaction()
  await holder.lock(erased)
  await other.lock(lowest)
  const following = follow(erased, low)
  await waitForWaiters(1)
  const erasure = users.tell('user.deleted.v1', erased.userId)
  await waitForWaiters(2)
  await holder.commit()
  expect((await following).status).toBe(204)
  await waitForWaiters(1)
  for (const person of [low, high]) await other.lockAtOnce(person)
  await other.commit()
  await erasure
  const rows = await users.sql`select 1 from profile where followers + following > 0`
  expect(rows).toHaveLength(0)
})

test('an erasure hides the person first, and has committed what it ended before it waits', async () => {
  const [erased, early, late] = [
    await users.aPerson(),
    await users.aPerson(),
    await users.aPerson(),
  ]
  await follow(early, erased)
  await follow(erased, late)
  await using other = await openTransaction()
  await other.lock(late)
  const erasure = users.tell('user.deleted.v1', erased.userId)
  await waitForWaiters(1)
  expect((await users.request(`/users/${erased.userId}`)).status).toBe(404)
  const read = await users.request(`/users/${early.userId}`)
  expect(await read.json()).toMatchObject({ following: 0 })
  await other.lockAtOnce(early)
  await other.commit()
  await erasure
})

test('an erasure may take and wait longer than a request may, and nothing after it', async () => {
  const limits = await users.sql.begin(async (tx) => {
    await endFollows(tx, 987_654)
    return tx`
      select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`
  })
  expect([...limits]).toEqual([{ statement: '5min', lock: '5min' }])
  expect([...(await users.sql`show statement_timeout`)]).toEqual([{ statement_timeout: '10s' }])
})
