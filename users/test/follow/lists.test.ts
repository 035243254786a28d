import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startUsers, type TestUsers } from '../start-users.ts'

type Member = Awaited<ReturnType<TestUsers['aMember']>>
type Side = 'followers' | 'following'

const sides: Side[] = ['followers', 'following']
const listSchema = z.object({
  items: z.array(z.looseObject({ user_id: z.int(), mutual: z.boolean().optional() })),
  next_cursor: z.string().nullable(),
})
type List = z.output<typeof listSchema>

let users: TestUsers

beforeAll(async () => {
  users = await startUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

async function follow(who: Member, whom: Member): Promise<void> {
  const path = `/users/me/following/${whom.userId}`
  const response = await users.request(path, { method: 'PUT', headers: who.headers })
  expect(response.status).toBe(204)
}

/** So that the other is in this list of the owner. */
const enter = (side: Side, owner: Member, other: Member) =>
  side === 'followers' ? follow(other, owner) : follow(owner, other)

const ask = (id: number | string, side: Side, query = '', viewer?: Member) =>
  users.request(`/users/${id}/${side}${query}`, viewer && { headers: viewer.headers })

async function list(owner: Member, side: Side, query = '', viewer?: Member): Promise<List> {
  const response = await ask(owner.userId, side, query, viewer)
  expect(response.status).toBe(200)
  return listSchema.parse(await response.json())
}

const idsOf = ({ items }: List) => items.map((item) => item.user_id)

/** The ids of each page after that one. */
async function pagesAfter(first: List, owner: Member, side: Side, limit: number) {
  const pages: number[][] = []
  for (let page = first; page.next_cursor; ) {
    page = await list(owner, side, `?limit=${limit}&cursor=${page.next_cursor}`)
    pages.push(idsOf(page))
  }
  return pages
}

async function hide(who: Member): Promise<void> {
  const response = await users.request('/users/me', { method: 'DELETE', headers: who.headers })
  expect(response.status).toBeLessThan(300)
}

async function ownerWith(side: Side, count: number) {
  const owner = await users.aPerson()
  const others: Member[] = []
  for (let n = 0; n < count; n += 1) {
    const other = await users.aPerson()
    await enter(side, owner, other)
    others.push(other)
  }
  return { owner, newestFirst: others.map((other) => other.userId).toReversed() }
}

describe.each(sides)('a list of %s', (side) => {
  test('is empty where there are no follows', async () => {
    const owner = await users.aPerson()
    expect(await list(owner, side)).toEqual({ items: [], next_cursor: null })
  })

  test('holds cards, without anything about an anonymous viewer', async () => {
    const owner = await users.aPerson()
    const other = await users.aPerson({ first_name: 'Ada', last_name: 'Card' })
    await enter(side, owner, other)
    const card = {
      user_id: other.userId,
      username: other.username,
      first_name: 'Ada',
      last_name: 'Card',
      avatar_url: null,
    }
    expect(await list(owner, side)).toEqual({ items: [card], next_cursor: null })
  })

  test('pages newest first, each person once, also while new ones come', async () => {
    const { owner, newestFirst } = await ownerWith(side, 7)
    const first = await list(owner, side, '?limit=3')
    expect(idsOf(first)).toEqual(newestFirst.slice(0, 3))
    const late = await users.aPerson()
    await enter(side, owner, late)
    const pages = await pagesAfter(first, owner, side, 3)
    expect(pages).toEqual([newestFirst.slice(3, 6), newestFirst.slice(6)])
    expect(idsOf(await list(owner, side))).toEqual([late.userId, ...newestFirst])
  })

  test('has no next page where the last one is full', async () => {
    const { owner, newestFirst } = await ownerWith(side, 2)
    const first = await list(owner, side, '?limit=1')
    expect(await pagesAfter(first, owner, side, 1)).toEqual([newestFirst.slice(1)])
  })

  test('leaves out the hidden and the disabled, and takes them back', async () => {
    const { owner, newestFirst } = await ownerWith(side, 1)
    const [hidden, disabled] = [await users.aPerson(), await users.aPerson()]
    await enter(side, owner, hidden)
    await enter(side, owner, disabled)
    await hide(hidden)
    await users.tell('user.disabled.v1', disabled.userId)
    expect(idsOf(await list(owner, side))).toEqual(newestFirst)
    await users.request('/users/me/restore', { method: 'POST', headers: hidden.headers })
    await users.tell('user.enabled.v1', disabled.userId)
    expect(idsOf(await list(owner, side))).toEqual([disabled.userId, hidden.userId, ...newestFirst])
  })

  test('of a hidden or disabled user is 404', async () => {
    const [hidden, disabled] = [await users.aPerson(), await users.aPerson()]
    await hide(hidden)
    await users.tell('user.disabled.v1', disabled.userId)
    for (const owner of [hidden, disabled]) {
      const response = await ask(owner.userId, side)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 'user_not_found' })
    }
  })

  test('tells a member of each person whether the two follow each other', async () => {
    const [owner, viewer] = [await users.aPerson(), await users.aPerson()]
    const [both, mine, theirs, none] = [
      await users.aPerson(),
      await users.aPerson(),
      await users.aPerson(),
      await users.aPerson(),
    ]
    for (const other of [viewer, none, theirs, mine, both]) await enter(side, owner, other)
    for (const followed of [both, mine]) await follow(viewer, followed)
    for (const follower of [both, theirs]) await follow(follower, viewer)
    const { items } = await list(owner, side, '', viewer)
    expect(items.map(({ user_id, mutual }) => [user_id, mutual])).toEqual([
      [both.userId, true],
      [mine.userId, false],
      [theirs.userId, false],
      [none.userId, false],
      [viewer.userId, false],
    ])
  })

  test.each([
    ['abc', 422],
    ['0', 404],
    ['-1', 404],
    [2 ** 53, 404],
    [`1${'0'.repeat(30)}`, 404],
  ])('of the id %s is %s', async (id, status) => {
    expect((await ask(id, side)).status).toBe(status)
  })

  test.each(['?limit=0', '?limit=101', '?limit=-1', '?limit=1.5', '?limit=x'])(
    'with %s is 422',
    async (query) => {
      const response = await ask((await users.aPerson()).userId, side, query)
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({ code: 'validation_failed' })
    },
  )

  test.each([
    '',
    'x',
    'a'.repeat(501),
    ...['', '0', '-1', '1.5', '1e3', ' 5', '9007199254740993', "1'; drop table follow"].map(
      (text) => Buffer.from(text).toString('base64url'),
    ),
  ])('with the forged cursor %j is 422', async (cursor) => {
    const { owner } = await ownerWith(side, 2)
    const response = await ask(owner.userId, side, `?limit=1&cursor=${cursor}`)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code: 'validation_failed' })
  })
})

test('a user who follows again comes first again', async () => {
  const { owner, newestFirst } = await ownerWith('following', 3)
  const oldest = newestFirst.at(-1)
  for (const method of ['DELETE', 'PUT']) {
    await users.request(`/users/me/following/${oldest}`, { method, headers: owner.headers })
  }
  expect(idsOf(await list(owner, 'following'))).toEqual([oldest, ...newestFirst.slice(0, -1)])
})

test('five hundred hidden followers leave no holes in the pages', async () => {
  const owner = await users.aPerson()
  await insertFollowers(owner, 650)
  await users.sql`
    update profile
    set hidden_at = now()
    where user_id >= 100000 and user_id % 13 >= 3`
  const visible = await users.sql<{ user_id: number }[]>`
    select user_id
    from profile
    where user_id >= 100000 and hidden_at is null
    order by user_id desc`
  const expected = visible.map((row) => row.user_id)
  expect(expected).toHaveLength(150)
  for (const limit of [40, 100]) {
    const first = await list(owner, 'followers', `?limit=${limit}`)
    const pages = [idsOf(first), ...(await pagesAfter(first, owner, 'followers', limit))]
    expect(pages.flat()).toEqual(expected)
    expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true)
  }
  expect(idsOf(await list(owner, 'followers'))).toHaveLength(20)
})

/** Those with the higher ids came later. */
async function insertFollowers(owner: Member, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, n) => 100_000 + n)
  await users.sql`
    insert into account (user_id, username)
    select id, 'fan' || id
    from unnest(${ids}::bigint[]) as id`
  await users.sql`
    insert into profile (user_id, username, first_name, last_name, gender, birthday, following)
    select user_id, username, 'A', 'Fan', 'other', '2000-01-01', 1
    from account
    where user_id = any(${ids}::bigint[])`
  await users.sql`
    insert into follow (follower_id, followed_id)
    select id, ${owner.userId}
    from unnest(${ids}::bigint[]) as id
    order by id`
}
