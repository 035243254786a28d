import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startUsers, type TestUsers } from '../start-users.ts'

type Member = Awaited<ReturnType<TestUsers['aMember']>>

const relationSchema = z.object({ followed_by_me: z.boolean(), follows_me: z.boolean() })

let users: TestUsers

beforeAll(async () => {
  users = await startUsers()
})
afterAll(() => users[Symbol.asyncDispose]())

const ask = (method: string, id: number | string, headers: Record<string, string> = {}) =>
  users.request(`/users/me/following/${id}`, { method, headers })
const follow = (who: Member, whom: { userId: number }) => ask('PUT', whom.userId, who.headers)
const unfollow = (who: Member, whom: { userId: number }) => ask('DELETE', whom.userId, who.headers)

const followEvents = async (who: Member) =>
  (await users.events(who.userId)).filter(({ type }) => String(type).startsWith('user.'))

async function profile(whom: Member, viewer?: Member) {
  const response = await users.request(`/users/${whom.userId}`, viewer)
  expect(response.status).toBe(200)
  return response.json()
}

async function hide(who: Member): Promise<void> {
  const response = await users.request('/users/me', { method: 'DELETE', headers: who.headers })
  expect(response.status).toBeLessThan(300)
}

async function twoPeople() {
  return [await users.aPerson(), await users.aPerson()] as const
}

describe('following', () => {
  test('is 204 however often, counts once and tells of itself once', async () => {
    const [ada, ben] = await twoPeople()
    const responses = [await follow(ada, ben), await follow(ada, ben)]
    for (const response of responses) {
      expect(response.status).toBe(204)
      expect(await response.text()).toBe('')
    }
    expect(await profile(ada)).toMatchObject({ followers: 0, following: 1 })
    expect(await profile(ben)).toMatchObject({ followers: 1, following: 0 })
    expect(await followEvents(ada)).toEqual([
      { type: 'user.followed.v1', payload: pairOf(ada, ben) },
    ])
    expect(await followEvents(ben)).toEqual([])
  })

  test('hands the id of its request on to the event', async () => {
    const [ada, ben] = await twoPeople()
    await ask('PUT', ben.userId, { ...ada.headers, 'x-request-id': 'trace-follow' })
    await ask('DELETE', ben.userId, { ...ada.headers, 'x-request-id': 'trace-unfollow' })
    const rows = await users.sql`
      select request_id
      from outbox
      where key = ${String(ada.userId)} and type like 'user.%'
      order by position`
    expect([...rows]).toEqual([{ request_id: 'trace-follow' }, { request_id: 'trace-unfollow' }])
  })

  test('oneself is 409, also for a member without a profile', async () => {
    for (const ada of [await users.aPerson(), await users.aMember()]) {
      const response = await follow(ada, ada)
      expect(response.status).toBe(409)
      expect(await response.json()).toMatchObject({ code: 'cannot_follow_yourself' })
      expect(await followEvents(ada)).toEqual([])
    }
  })

  test('a user who is unknown, without a profile, hidden or disabled is 404', async () => {
    const [ada, hidden] = await twoPeople()
    await hide(hidden)
    const disabled = await users.aPerson()
    await users.tell('user.disabled.v1', disabled.userId)
    for (const other of [{ userId: 999_999 }, await users.aMember(), hidden, disabled]) {
      const response = await follow(ada, other)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 'user_not_found' })
    }
    expect(await followEvents(ada)).toEqual([])
    expect(await profile(ada)).toMatchObject({ following: 0 })
  })

  test('without a profile of your own is 404 and says what to do', async () => {
    const response = await follow(await users.aMember(), await users.aPerson())
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'profile_not_found' })
  })

  test('again a user who has hidden since is 404 and leaves the follow', async () => {
    const [ada, ben] = await twoPeople()
    await follow(ada, ben)
    await hide(ben)
    expect((await follow(ada, ben)).status).toBe(404)
    expect(await profile(ada)).toMatchObject({ following: 1 })
  })
})

describe('unfollowing', () => {
  test('is 204 however often, counts once and tells of itself once', async () => {
    const [ada, ben] = await twoPeople()
    await follow(ada, ben)
    for (const response of [await unfollow(ada, ben), await unfollow(ada, ben)]) {
      expect(response.status).toBe(204)
    }
    expect(await profile(ada)).toMatchObject({ followers: 0, following: 0 })
    expect(await profile(ben)).toMatchObject({ followers: 0, following: 0 })
    expect(await followEvents(ada)).toEqual([
      { type: 'user.followed.v1', payload: pairOf(ada, ben) },
      { type: 'user.unfollowed.v1', payload: pairOf(ada, ben) },
    ])
  })

  test('a user who was never followed is 204 and tells of nothing', async () => {
    const [ada, ben] = await twoPeople()
    await follow(ben, ada)
    expect((await unfollow(ada, ben)).status).toBe(204)
    expect(await followEvents(ada)).toEqual([])
    expect(await profile(ada)).toMatchObject({ followers: 1, following: 0 })
  })

  test('works for a user who is hidden or disabled', async () => {
    const [ada, hidden] = await twoPeople()
    const disabled = await users.aPerson()
    await follow(ada, hidden)
    await follow(ada, disabled)
    await hide(hidden)
    await users.tell('user.disabled.v1', disabled.userId)
    expect((await unfollow(ada, hidden)).status).toBe(204)
    expect((await unfollow(ada, hidden)).status).toBe(404)
    expect((await unfollow(ada, disabled)).status).toBe(204)
    expect(await profile(ada)).toMatchObject({ following: 0 })
    const rows = await users.sql`select 1 from follow where follower_id = ${ada.userId}`
    expect(rows).toHaveLength(0)
  })

  test('an unknown user is 404, oneself 409', async () => {
    const ada = await users.aPerson()
    const response = await unfollow(ada, { userId: 999_999 })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'user_not_found' })
    expect((await unfollow(ada, ada)).status).toBe(409)
  })
})

describe.each(['PUT', 'DELETE'])('%s of a following', (method) => {
  test.each(['abc', '1.5', '1e3', '%00', ' 1'])('with the id %j is 422', async (id) => {
    const { headers } = await users.aPerson()
    const response = await ask(method, encodeURIComponent(id), headers)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code: 'validation_failed' })
  })

  test.each(['0', '-1', String(2 ** 53), `1${'0'.repeat(30)}`])(
    'with the id %s is 404',
    async (id) => {
      const { headers } = await users.aPerson()
      const response = await ask(method, id, headers)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 'user_not_found' })
    },
  )

  test('without a caller is 401', async () => {
    const response = await ask(method, (await users.aPerson()).userId)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'not_signed_in' })
  })
})

describe('a profile', () => {
  test('tells a member how the two stand to each other', async () => {
    const [ada, ben] = await twoPeople()
    const relation = async () => relationSchema.parse(await profile(ben, ada))
    expect(await relation()).toEqual({ followed_by_me: false, follows_me: false })
    await follow(ada, ben)
    expect(await relation()).toEqual({ followed_by_me: true, follows_me: false })
    await follow(ben, ada)
    expect(await relation()).toEqual({ followed_by_me: true, follows_me: true })
    await unfollow(ada, ben)
    expect(await relation()).toEqual({ followed_by_me: false, follows_me: true })
    expect(await profile(ben)).not.toHaveProperty('follows_me')
  })

  test('that was read just before counts a follow at once', async () => {
    const [ada, ben] = await twoPeople()
    for (const [change, count] of [
      [follow, 1],
      [unfollow, 0],
    ] as const) {
      await profile(ada)
      await profile(ben)
      await change(ada, ben)
      expect(await profile(ada)).toMatchObject({ following: count })
      expect(await profile(ben)).toMatchObject({ followers: count })
    }
  })

  test.each(['PUT', 'DELETE'])(
    'shows the counters of a %s whose process died before it could say so',
    async (method) => {
      const [ada, ben] = await twoPeople()
      if (method === 'DELETE') await follow(ada, ben)
      const count = method === 'PUT' ? 1 : 0
      await profile(ben)
      if (method === 'PUT') {
        await users.sql`
          insert into follow (follower_id, followed_id)
          values (${ada.userId}, ${ben.userId})`
      } else await users.sql`delete from follow where follower_id = ${ada.userId}`
      await users.sql`update profile set followers = ${count} where user_id = ${ben.userId}`
      expect((await ask(method, ben.userId, ada.headers)).status).toBe(204)
      expect(await profile(ben)).toMatchObject({ followers: count })
    },
  )
})

function pairOf(follower: Member, followed: Member) {
  return { follower_id: follower.userId, followed_id: followed.userId }
}
