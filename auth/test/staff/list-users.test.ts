import { connectPostgres } from '@ego/kit/postgres/postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRegistration } from '../start-auth.ts'
import { startStaff, type TestStaff } from '../start-staff.ts'

let given: TestStaff

beforeAll(async () => {
  given = await startStaff()
})
afterAll(() => given[Symbol.asyncDispose]())

const found = async (query: string) => {
  const path = `/auth/admin/users?query=${encodeURIComponent(query)}`
  const { items } = await given.asked(200, 'GET', path)
  return items.map((user: { username: string }) => user.username)
}

describe('a search for a user', () => {
  test.each(['%', '\\', 'per%cent', '_____'])('takes %s literally', async (query) => {
    await given.auth.post('/auth/registration', aRegistration({ username: 'PerXcent' }))
    expect(await found(query)).toEqual([])
  })

  test('finds in any case what the unique indexes hold for the same', async () => {
    const registration = aRegistration({ username: 'Kim.I.K', user_email: 'KiM@Case.Example' })
    expect((await given.auth.post('/auth/registration', registration)).status).toBe(201)
    for (const query of ['kim.i.k', 'KIM.I.K', 'kim@case.example', 'KIM@CASE.EXAMPLE']) {
      expect(await found(query)).toEqual(['Kim.I.K'])
    }
  })
})

describe('among many users', () => {
  beforeAll(async () => {
    await using owner = connectPostgres({ url: given.auth.environment.DATABASE_OWNER_URL, max: 1 })
    await owner.script(`
      insert into account (username, user_email, password_hash, roles, status)
      select
        'many' || n, 'many' || n || '@example.org', 'none',
        case when n % 1000 = 0 then array['reviewer'] else '{}' end,
        case when n % 1000 = 1 then 'disabled' else 'active' end
      from generate_series(1, 20000) as n`)
    await owner.script('analyze account')
  })

  test.each([
    ['role=reviewer', 'account_roles', 20],
    ['status=disabled', 'account_disabled', 20],
    ['query=any12345', 'account_search', 1],
  ])('those with ?%s are found by the index %s', async (filter, index, count) => {
    const before = await timesUsed(index)
    // A connection tells what it has used a second later, at its next statement.
    const isUsed = async () => {
      const { items } = await given.asked(200, 'GET', `/auth/admin/users?limit=100&${filter}`)
      expect(items).toHaveLength(count)
      return (await timesUsed(index)) > before
    }
    await expect.poll(isUsed, { interval: 200, timeout: 10_000 }).toBe(true)
  })
})

async function timesUsed(index: string): Promise<number> {
  const [row] = await given.auth.sql<[{ times: number }]>`
    select idx_scan::int as times
    from pg_stat_user_indexes
    where indexrelname = ${index}`
  return row.times
}
