import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { endFollowsInBatches } from '../../src/account-events/end-follows-postgres.ts'
import type { ProfileCache } from '../../src/profile/cache.ts'
import { aRegisteredEvent, startUsers, type TestUsers } from '../start-users.ts'

type Member = Awaited<ReturnType<TestUsers['aMember']>>

const counters = z.object({ followers: z.int(), following: z.int() })
const page = z.object({ items: z.array(z.object({ user_id: z.int() })) })

let users: TestUsers

beforeAll(async () => {
  users = await startUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const follow = (who: Member, whom: Member, method = 'PUT') =>
  users.request(`/users/me/following/${whom.userId}`, { method, headers: who.headers })

const read = ({ userId }: Member, part = '') => users.request(`/users/${userId}${part}`)

async function countersOf(person: Member) {
  return counters.parse(await (await read(person)).json())
}

/** The erased one follows the idol, the fan follows the erased one, the friend does both; and idol and fan stay together. */
async function aCircle() {
  const [erased, idol, fan, friend] = [
    await users.aPerson({ last_name: 'Ephemeral' }),
    await users.aPerson(),
    await users.aPerson(),
    await users.aPerson(),
  ]
  for (const [who, whom] of [
    [erased, idol],
    [erased, friend],
    [fan, erased],
    [friend, erased],
    [fan, idol],
  ] as const) {
    expect((await follow(who, whom)).status).toBe(204)
  }
  return { erased, idol, fan, friend }
}

function aDeletedEvent({ userId }: Member) {
  const event = { ...aRegisteredEvent(userId, ''), type: 'user.deleted.v1' }
  return { ...event, payload: { user_id: userId } }
}

describe('user.deleted', () => {
  test('takes the profile and its follows along, and the counters of the others', async () => {
    const { erased, idol, fan, friend } = await aCircle()
    for (const person of [erased, idol, fan, friend]) await read(person)
    await users.bus.publish([aDeletedEvent(erased)])
    expect(await countersOf(idol)).toEqual({ followers: 1, following: 0 })
    expect(await countersOf(fan)).toEqual({ followers: 0, following: 1 })
    expect(await countersOf(friend)).toEqual({ followers: 0, following: 0 })
    const rows = await users.sql`
      select user_id
      from account
      where user_id = ${erased.userId}
      union all
      select user_id
      from profile
      where user_id = ${erased.userId}
      union all
      select follower_id
      from follow
      where ${erased.userId} in (follower_id, followed_id)`
    expect(rows).toHaveLength(0)
  })

  test('leaves nothing to be read, found or followed', async () => {
    const { erased, fan, friend } = await aCircle()
    await read(erased)
    await users.bus.publish([aDeletedEvent(erased)])
    for (const part of ['', '/followers', '/following']) {
      expect((await read(erased, part)).status).toBe(404)
    }
    expect((await users.request('/users/me', { headers: erased.headers })).status).toBe(404)
    expect((await follow(fan, erased)).status).toBe(404)
    expect((await follow(fan, erased, 'DELETE')).status).toBe(404)
    expect((await follow(erased, fan)).status).toBe(404)
    const following = await (await read(friend, '/following')).json()
    expect(following).toEqual({ items: [], next_cursor: null })
    const found = page.parse(await (await users.request('/users?query=Ephemeral')).json())
    expect(found.items).not.toContainEqual({ user_id: erased.userId })
  })

  test('delivered again, or told again, changes nothing', async () => {
    const { erased, idol, fan } = await aCircle()
    const event = aDeletedEvent(erased)
    await users.bus.publish([event])
    await users.bus.publish([event, aDeletedEvent(erased)])
    expect(await countersOf(idol)).toEqual({ followers: 1, following: 0 })
    expect(await countersOf(fan)).toEqual({ followers: 0, following: 1 })
    expect(await users.sql`select 1 from dead_letter`).toHaveLength(0)
  })

  test('of a hidden and disabled person takes the follows along too', async () => {
    const { erased, idol, fan } = await aCircle()
    await users.request('/users/me', { method: 'DELETE', headers: erased.headers })
    await users.tell('user.disabled.v1', erased.userId)
    await users.bus.publish([aDeletedEvent(erased)])
    expect(await countersOf(idol)).toEqual({ followers: 1, following: 0 })
    expect(await countersOf(fan)).toEqual({ followers: 0, following: 1 })
  })

  test('of a person without followers shows at once', async () => {
    const loner = await users.aPerson()
    expect((await read(loner)).status).toBe(200)
    await users.bus.publish([aDeletedEvent(loner)])
    expect((await read(loner)).status).toBe(404)
  })

  test('goes on where it was interrupted, and no user sees or follows the person meanwhile', async () => {
    const { erased, idol, fan, friend } = await aCircle()
    const read = async (person: Member) => (await users.request(`/users/${person.userId}`)).status
    expect(await read(erased)).toBe(200)
    let batches = 0
    const cache: Pick<ProfileCache, 'invalidateAfter'> = {
      async invalidateAfter(_userIds, work) {
        const result = await work()
        batches += 1
        if (batches === 2) throw new Error('Killed.')
        return result
      },
    }
    const end = endFollowsInBatches({ sql: users.sql, cache, atOnceMax: 1 })
    await expect(end(erased.userId)).rejects.toThrow('Killed')
    const left = async () =>
      users.sql`select 1 from follow where ${erased.userId} in (follower_id, followed_id)`
    // The friend's two and the fan's one are gone by two batches.
    expect(await left()).toHaveLength(1)
    await users.bus.publish([aDeletedEvent(erased)])
    expect(await left()).toHaveLength(0)
    expect(await read(erased)).toBe(404)
    expect(await countersOf(idol)).toEqual({ followers: 1, following: 0 })
    expect(await countersOf(fan)).toEqual({ followers: 0, following: 1 })
    expect(await countersOf(friend)).toEqual({ followers: 0, following: 0 })
  })

  test('of a member without a profile takes the account along', async () => {
    const member = await users.aMember()
    await users.bus.publish([aDeletedEvent(member)])
    expect(await users.sql`select 1 from account where user_id = ${member.userId}`).toHaveLength(0)
  })
})
