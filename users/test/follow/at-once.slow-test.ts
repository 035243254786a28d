import { afterEach, beforeEach, expect, test } from 'vitest'
import { startUsers, type TestUsers } from '../start-users.ts'

type Member = Awaited<ReturnType<TestUsers['aMember']>>

let users: TestUsers

beforeEach(async () => {
  users = await startUsers()
})
afterEach(() => users[Symbol.asyncDispose]())

const people = (count: number) => Promise.all(Array.from({ length: count }, () => users.aPerson()))

async function change(method: string, who: Member, whom: Member): Promise<number> {
  const path = `/users/me/following/${whom.userId}`
  return (await users.request(path, { method, headers: who.headers })).status
}

/** The same ones in every run. */
function randomChanges(among: Member[], count: number) {
  let state = 42
  const random = (max: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * max)
  }
  return Array.from({ length: count }, () => {
    const from = random(among.length)
    const to = (from + 1 + random(among.length - 1)) % among.length
    const [who, whom] = [among[from], among[to]]
    if (!who || !whom) throw new Error('There are no people.')
    return { method: random(3) === 0 ? 'DELETE' : 'PUT', who, whom }
  })
}

async function expectCountersToBeRight(): Promise<void> {
  const wrong = await users.sql`
    select user_id
    from profile
    where followers <> (select count(*) from follow where followed_id = user_id)
      or following <> (select count(*) from follow where follower_id = user_id)`
  expect([...wrong]).toEqual([])
}

/** Follows and unfollows of a pair alternate, and the last one is what is there. */
async function expectEventsToFit(): Promise<void> {
  const rows = await users.sql<{ types: string[]; is_there: boolean }[]>`
    select array_agg(type order by position) as types, exists (
      select 1
      from follow
      where follower_id = (payload ->> 'follower_id')::bigint
        and followed_id = (payload ->> 'followed_id')::bigint
    ) as is_there
    from outbox
    where type in ('user.followed.v1', 'user.unfollowed.v1')
    group by payload ->> 'follower_id', payload ->> 'followed_id', is_there`
  expect(rows.length).toBeGreaterThan(0)
  for (const { types, is_there } of rows) {
    const alternating = types.map((_, n) => (n % 2 ? 'user.unfollowed.v1' : 'user.followed.v1'))
    expect(types).toEqual(alternating)
    expect(is_there).toBe(types.length % 2 === 1)
  }
}

test('two hundred changes among six people leave counters and events that are right', async () => {
  const changes = randomChanges(await people(6), 200)
  const statuses = await Promise.all(
    changes.map(({ method, who, whom }) => change(method, who, whom)),
  )
  expect(new Set(statuses)).toEqual(new Set([204]))
  await expectCountersToBeRight()
  await expectEventsToFit()
})

test('two people who follow and unfollow each other at once both get through', async () => {
  const [ada, ben] = await people(2)
  if (!ada || !ben) throw new Error('There are no people.')
  const statuses: number[] = []
  for (let round = 0; round < 25; round += 1) {
    const method = round % 2 ? 'DELETE' : 'PUT'
    statuses.push(
      ...(await Promise.all([
        change(method, ada, ben),
        change(method, ben, ada),
        change(method, ada, ben),
        change(method, ben, ada),
      ])),
    )
  }
  expect(new Set(statuses)).toEqual(new Set([204]))
  const [{ count }] = await users.sql<[{ count: number }]>`select count(*) from follow`
  expect(count).toBe(2)
  await expectCountersToBeRight()
})

test('erasures in between leave nothing of the erased, and counters that are right', async () => {
  const all = await people(8)
  const erased = all.slice(0, 3)
  const work = randomChanges(all, 200).map(
    ({ method, who, whom }) =>
      () =>
        change(method, who, whom),
  )
  const erase = (who: Member) => async () => {
    await users.tell('user.deleted.v1', who.userId)
    return 204
  }
  erased.forEach((who, n) => void work.splice(50 * (n + 1), 0, erase(who)))
  const statuses = await Promise.all(work.map((run) => run()))
  expect(statuses.filter((status) => status !== 204 && status !== 404)).toEqual([])
  const ids = erased.map((who) => who.userId)
  const left = await users.sql`
    select user_id
    from profile
    where user_id = any(${ids}::bigint[])
    union all
    select follower_id
    from follow
    where follower_id = any(${ids}::bigint[]) or followed_id = any(${ids}::bigint[])`
  expect(left).toHaveLength(0)
  expect(await users.sql`select 1 from dead_letter`).toHaveLength(0)
  expect((await users.sql`select 1 from follow`).length).toBeGreaterThan(0)
  await expectCountersToBeRight()
})

test('erasures of all who follow each other do not wait for each other for ever', async () => {
  const all = await people(8)
  for (const { who, whom } of randomChanges(all, 60)) await change('PUT', who, whom)
  const [last, ...erased] = all
  await Promise.all(erased.map((who) => users.tell('user.deleted.v1', who.userId)))
  const rows = await users.sql`select user_id, followers, following from profile`
  expect([...rows]).toEqual([{ user_id: last?.userId, followers: 0, following: 0 }])
  expect(await users.sql`select 1 from dead_letter`).toHaveLength(0)
})
