import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startUsers, type TestUsers } from '../start-users.ts'

let users: TestUsers
const ids = new Map<string, number>()

const people = [
  ['Ada', 'Lovelace'],
  ['Adam', 'Łukasz'],
  ['José', 'Muñoz'],
  ['Zoë', "O'Connor"],
  ['李', '小龍'],
  ['Müller', 'Grün'],
  ['100%', 'under_score'],
] as const

beforeAll(async () => {
  users = await startUsers()
  for (const [first_name, last_name] of people) {
    const { userId } = await users.aPerson({ first_name, last_name })
    ids.set(first_name, userId)
  }
})
afterAll(() => users[Symbol.asyncDispose]())

const page = z.strictObject({
  items: z.array(
    z.strictObject({
      user_id: z.int(),
      username: z.string(),
      first_name: z.string(),
      last_name: z.string(),
      avatar_url: z.null(),
    }),
  ),
  next_cursor: z.string().nullable(),
})

async function find(parameters: Record<string, string>) {
  const response = await users.request(`/users?${new URLSearchParams(parameters)}`)
  expect(response.status).toBe(200)
  return page.parse(await response.json())
}

const namesFor = async (query: string) =>
  (await find({ query })).items.map(({ first_name }) => first_name)

describe('people are found', () => {
  test.each([
    ['Lovelace', 'Ada'],
    ['lovelace ada', 'Ada'],
    ['lovlace', 'Ada'],
    ['Lovelcae', 'Ada'],
    ['jose munoz', 'José'],
    ['JOSÉ', 'José'],
    ['lukasz', 'Adam'],
    ['zoe', 'Zoë'],
    ["o'connor", 'Zoë'],
    ['muller', 'Müller'],
    ['李', '李'],
    ['小龍', '李'],
    ['member3', 'José'],
    ['under_score', '100%'],
  ])('by %j', async (query, name) => {
    expect((await namesFor(query))[0]).toBe(name)
  })

  test('best first, by the beginning of a word too', async () => {
    const names = await namesFor('ada')
    expect(names.slice(0, 2)).toEqual(['Ada', 'Adam'])
    expect(await namesFor('love')).toEqual(['Ada'])
  })

  test('by their username before those of that name, beginnings and similar ones', async () => {
    const named = async (username: string, first_name: string, last_name = 'Q') => {
      const { userId } = await users.aPerson({ first_name, last_name })
      await users.tell('user.renamed.v1', userId, { username })
      return userId
    }
    const expected = [
      await named('Brunhild', 'One'),
      await named('two', 'Brünhild'),
      await named('three', 'Brunhildegard'),
      await named('four', 'Brumhild'),
    ]
    const order = async (query: string) =>
      (await find({ query })).items.map(({ user_id }) => user_id)
    expect(await order('brunhild')).toEqual(expected)
    expect((await order('q brunhild')).slice(0, 2).toSorted()).toEqual(expected.slice(0, 2))
  })

  test('from three letters on with letters wrong, with fewer by how they begin', async () => {
    await users.aPerson({ first_name: 'Xi', last_name: 'Oxi' })
    expect(await namesFor('xi')).toContain('Xi')
    await users.aPerson({ first_name: 'Taxi', last_name: 'Driver' })
    expect(await namesFor('xi')).not.toContain('Taxi')
    expect(await namesFor('drover')).toContain('Taxi')
  })

  test.each(['%', '_', '%%%', "'", '"', '\\', '🙂', ')(', '; drop table profile', '&|!:*'])(
    'never by the meaning of %j in another language',
    async (query) => {
      expect((await namesFor(query)).length).toBeLessThan(people.length)
    },
  )

  test('under a new name at once, and by the old one no longer', async () => {
    const { userId } = await users.aPerson({ first_name: 'Xaver', last_name: 'Qwertz' })
    await users.tell('user.renamed.v1', userId, { username: 'quicksilver' })
    expect(await namesFor('quicksilver')).toEqual(['Xaver'])
    expect(await namesFor(`member${userId}`)).not.toContain('Xaver')
  })

  test('unless they are hidden or disabled', async () => {
    const { userId, headers } = await users.aPerson({ first_name: 'Wilhelmina' })
    const isFound = async () => (await namesFor('wilhelmina')).includes('Wilhelmina')
    expect(await isFound()).toBe(true)
    await users.request('/users/me', { method: 'DELETE', headers })
    expect(await isFound()).toBe(false)
    await users.request('/users/me/restore', { method: 'POST', headers })
    expect(await isFound()).toBe(true)
    await users.tell('user.disabled.v1', userId)
    expect(await isFound()).toBe(false)
    const listed = await find({ limit: '100' })
    expect(listed.items.map(({ user_id }) => user_id)).not.toContain(userId)
    await users.tell('user.enabled.v1', userId)
    expect(await isFound()).toBe(true)
  })
})

describe('pages', () => {
  const all = async (parameters: Record<string, string>) => {
    const found: number[] = []
    let cursor: string | null = null
    do {
      const at: Record<string, string> = cursor === null ? {} : { cursor }
      const { items, next_cursor } = await find({ ...parameters, ...at })
      found.push(...items.map(({ user_id }) => user_id))
      cursor = next_cursor
    } while (cursor !== null)
    return found
  }

  test('of a search hold each person once, equal scores too', async () => {
    for (let n = 0; n < 7; n += 1) await users.aPerson({ first_name: 'Same', last_name: 'Name' })
    const whole = (await find({ query: 'same name', limit: '100' })).items
    expect(whole.length).toBeGreaterThanOrEqual(7)
    expect(await all({ query: 'same name', limit: '2' })).toEqual(whole.map((one) => one.user_id))
  })

  test('without a query hold all people, the newest first', async () => {
    const found = await all({ limit: '3' })
    expect(found).toEqual([...new Set(found)].sort((a, b) => b - a))
    expect(found).toContain(ids.get('Ada'))
    expect((await find({ query: '   ', limit: '1' })).items[0]?.user_id).toBe(found[0])
  })

  test.each([
    ['cursor', 'forged'],
    ['cursor', Buffer.from('0.5 1; drop').toString('base64url')],
    ['cursor', Buffer.from('2 1').toString('base64url')],
    ['limit', '0'],
    ['limit', '101'],
    ['limit', 'ten'],
    ['query', 'a'.repeat(201)],
    ['query', 'nul\0'],
  ])('with the %s %j are 422', async (name, value) => {
    const response = await users.request(`/users?${new URLSearchParams({ [name]: value })}`)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer: `#/${name}` }] })
  })
})
