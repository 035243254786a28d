import { connectPostgres } from '@ego/kit/postgres/postgres'
import { explained } from '@ego/kit/testing/explained'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { candidatesOfKindMax, postgresPeople } from '../../src/search/store-postgres.ts'
import { startUsers, type TestUsers } from '../start-users.ts'

const crowd = 100_000
// A fraction of the table: the candidates, and the lists of those that share the trigrams of the query.
const blocksMax = 600

let users: TestUsers

beforeAll(async () => {
  users = await startUsers()
  await using owner = connectPostgres({ url: users.ownerUrl, max: 1 })
  await owner`
    insert into account (user_id, username)
    select id, 'john' || id
    from generate_series(1::bigint, ${crowd}) as id`
  const indexes = await owner<{ name: string; definition: string }[]>`
    select indexrelid::regclass as name, pg_get_indexdef(indexrelid) as definition
    from pg_index
    where indrelid = 'profile'::regclass and not indisprimary`
  for (const { name } of indexes) await owner.script(`drop index ${name}`)
  // Half of them are hidden, those with the low ids and names first.
  await owner`
    insert into profile (user_id, username, first_name, last_name, gender, birthday, is_disabled)
    select user_id, username, 'John', 'Smith' || user_id, 'other', '2000-01-01', user_id <= ${crowd / 2}
    from account`
  for (const { definition } of indexes) await owner.script(definition)
  await owner.script('vacuum analyze account, profile')
})
afterAll(() => users[Symbol.asyncDispose]())

const page = z.object({
  items: z.array(z.object({ user_id: z.int(), username: z.string() })),
  next_cursor: z.string().nullable(),
})

async function find(parameters: Record<string, string>) {
  const response = await users.request(`/users?${new URLSearchParams(parameters)}`)
  expect(response.status).toBe(200)
  return page.parse(await response.json())
}

describe.each(['force_custom_plan', 'force_generic_plan'])('with %s', (planMode) => {
  test.each(['john', 'j', 'jo', 'john smith', 'smith john', 'smyth', 'zzz', '%%%'])(
    'a search for %j reads few of a hundred thousand that fit',
    async (query) => {
      const { blocks } = await explained(users.sql, planMode, (sql) =>
        postgresPeople(sql).find(query, null, 21),
      )
      expect(blocks).toBeLessThan(blocksMax)
    },
  )

  test('a page of all people reads few, though half of them are hidden', async () => {
    const last = { score: 0, userId: crowd / 2 + 5 }
    for (const after of [null, last]) {
      const { blocks } = await explained(users.sql, planMode, (sql) =>
        postgresPeople(sql).list(after, 21),
      )
      expect(blocks).toBeLessThan(500)
    }
  })
})

test('a user is found by the username among a hundred thousand alike', async () => {
  const { items } = await find({ query: `john${crowd - 1}`, limit: '1' })
  expect(items).toMatchObject([{ username: `john${crowd - 1}` }])
})

test('the pages hold each candidate once, and end', async () => {
  const found: number[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const next = await find({ query: 'john', limit: '100', ...(cursor && { cursor }) })
    found.push(...next.items.map((item) => item.user_id))
    cursor = next.next_cursor
  }
  expect(new Set(found).size).toBe(found.length)
  expect(found.length).toBeGreaterThanOrEqual(candidatesOfKindMax)
  expect(found.length).toBeLessThanOrEqual(4 * candidatesOfKindMax)
})
