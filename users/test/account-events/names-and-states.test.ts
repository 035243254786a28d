import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { aProfile, aRegisteredEvent, startUsers, type TestUsers } from '../start-users.ts'

type Member = Awaited<ReturnType<TestUsers['aMember']>>

const page = z.object({ items: z.array(z.object({ user_id: z.int(), username: z.string() })) })

let users: TestUsers

beforeAll(async () => {
  users = await startUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const read = ({ userId }: Member) => users.request(`/users/${userId}`)

const follow = (who: Member, whom: Member) =>
  users.request(`/users/me/following/${whom.userId}`, { method: 'PUT', headers: who.headers })

async function items(path: string) {
  const response = await users.request(path)
  expect(response.status).toBe(200)
  return page.parse(await response.json()).items
}

/** A person with a name to search for, who follows a friend and is followed by them. */
async function aKnownPerson() {
  const lastName = `Known${crypto.randomUUID().slice(0, 8)}`
  const person = await users.aPerson({ last_name: lastName })
  const friend = await users.aPerson()
  await follow(person, friend)
  await follow(friend, person)
  return {
    person,
    friend,
    /** How often the person is found: by the profile, in both lists of the friend, in the search. */
    async sightings() {
      const lists = await Promise.all([
        items(`/users/${friend.userId}/followers`),
        items(`/users/${friend.userId}/following`),
        items(`/users?query=${lastName}`),
      ])
      const seen = lists.map((list) => list.filter((item) => item.user_id === person.userId).length)
      return [(await read(person)).status, ...seen]
    },
  }
}

const everywhere = [200, 1, 1, 1]
const nowhere = [404, 0, 0, 0]

function anEvent(type: string, userId: number, more: object = {}) {
  return { ...aRegisteredEvent(userId, ''), type, payload: { user_id: userId, ...more } }
}

describe('user.renamed', () => {
  test('shows at once in the profile, the cards and the search', async () => {
    const { person, friend } = await aKnownPerson()
    await read(person)
    await users.tell('user.renamed.v1', person.userId, { username: 'sir.galahad' })
    expect(await (await read(person)).json()).toMatchObject({ username: 'sir.galahad' })
    const card = { user_id: person.userId, username: 'sir.galahad' }
    expect(await items(`/users/${friend.userId}/followers`)).toMatchObject([card])
    expect(await items(`/users/${friend.userId}/following`)).toMatchObject([card])
    expect(await items('/users?query=galahad')).toMatchObject([card])
    const found = await items(`/users?query=${person.username}`)
    expect(found.map((item) => item.user_id)).not.toContain(person.userId)
  })

  test('before there is a profile is the name that the profile begins with', async () => {
    const member = await users.aMember()
    await users.tell('user.renamed.v1', member.userId, { username: 'early.bird' })
    const response = await complete(member)
    expect(await response.json()).toMatchObject({ username: 'early.bird' })
  })

  test('delivered again does not undo a later name', async () => {
    const person = await users.aPerson()
    const first = anEvent('user.renamed.v1', person.userId, { username: 'first' })
    await users.bus.publish([first])
    await users.tell('user.renamed.v1', person.userId, { username: 'second' })
    await users.bus.publish([first])
    expect(await (await read(person)).json()).toMatchObject({ username: 'second' })
  })
})

describe('user.disabled', () => {
  test('hides a person everywhere until user.enabled', async () => {
    const { person, friend, sightings } = await aKnownPerson()
    expect(await sightings()).toEqual(everywhere)
    await users.tell('user.disabled.v1', person.userId)
    expect(await sightings()).toEqual(nowhere)
    expect(await (await read(friend)).json()).toMatchObject({ followers: 1, following: 1 })
    await users.tell('user.enabled.v1', person.userId)
    expect(await sightings()).toEqual(everywhere)
  })

  test('before there is a profile hides it from its beginning', async () => {
    const member = await users.aMember()
    await users.tell('user.disabled.v1', member.userId)
    expect((await complete(member)).status).toBe(201)
    expect((await read(member)).status).toBe(404)
    await users.tell('user.enabled.v1', member.userId)
    expect((await read(member)).status).toBe(200)
  })

  test('before the registration has arrived hides the profile from its beginning', async () => {
    const userId = 876_543
    await users.tell('user.disabled.v1', userId)
    const headers = await users.identity.headers({ userId })
    const member = { userId, username: 'late', headers }
    expect((await complete(member)).status).toBe(503)
    await users.bus.publish([aRegisteredEvent(userId, 'late')])
    expect((await complete(member)).status).toBe(201)
    expect((await read(member)).status).toBe(404)
    await users.tell('user.enabled.v1', userId)
    expect((await read(member)).status).toBe(200)
  })

  test('delivered again does not undo user.enabled', async () => {
    const { person, sightings } = await aKnownPerson()
    const disabled = anEvent('user.disabled.v1', person.userId)
    await users.bus.publish([disabled])
    await users.tell('user.enabled.v1', person.userId)
    await users.bus.publish([disabled])
    expect(await sightings()).toEqual(everywhere)
  })

  test('and user.enabled do not bring back a profile that its owner has hidden', async () => {
    const { person, sightings } = await aKnownPerson()
    await users.request('/users/me', { method: 'DELETE', headers: person.headers })
    await users.tell('user.disabled.v1', person.userId)
    await users.tell('user.enabled.v1', person.userId)
    expect(await sightings()).toEqual(nowhere)
  })

  test('stays when the owner restores the profile', async () => {
    const { person, sightings } = await aKnownPerson()
    await users.tell('user.disabled.v1', person.userId)
    await users.request('/users/me/restore', { method: 'POST', headers: person.headers })
    expect(await sightings()).toEqual(nowhere)
  })
})

test('events of an unknown account change nothing', async () => {
  for (const type of ['user.disabled.v1', 'user.enabled.v1', 'user.deleted.v1']) {
    await users.tell(type, 987_654)
  }
  expect(await users.sql`select 1 from dead_letter`).toHaveLength(0)
  expect(await users.sql`select 1 from account where user_id = 987654`).toHaveLength(0)
})

function complete({ headers }: Member) {
  return users.request('/users', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(aProfile()),
  })
}
