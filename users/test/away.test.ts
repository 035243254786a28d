import { userDeleted } from '@ego/contracts/events/account'
import { appendEvent } from '@ego/kit/events/outbox'
import { startRelay } from '@ego/kit/events/relay'
import { testDatabase } from '@ego/kit/testing/database'
import { expect, test, vi } from 'vitest'
import { avatarCalls } from './avatar/avatar-calls.ts'
import { aPng } from './avatar/images.ts'
import { startUsers } from './start-users.ts'

test('an account that is erased while users is down leaves nothing, within 2 s of its start', async () => {
  await using auth = await testDatabase('kit')
  await using users = await startUsers()
  const refused = Promise.withResolvers<void>()
  const log = { info() {}, warn: () => refused.resolve() }
  await using _relay = startRelay({ sql: auth.sql, bus: users.bus, log })

  const [erased, friend] = [await users.aPerson(), await users.aPerson()]
  const { headers } = erased
  const follow = `/users/me/following/${friend.userId}`
  expect((await users.request(follow, { method: 'PUT', headers })).status).toBe(204)
  expect((await avatarCalls(users).put(headers, await aPng())).status).toBe(200)
  const objects = async () => (await users.blobs.list(`avatars/${erased.userId}/`)).items
  expect(await objects()).toHaveLength(3)

  await users.stop()
  const payload = { user_id: erased.userId }
  const event = { key: String(erased.userId), payload, requestId: null }
  await auth.sql.begin((tx) => appendEvent(tx, userDeleted, event))
  await refused.promise
  expect(await objects()).toHaveLength(3)

  await users.restart()
  const rows = () => users.sql`
    select user_id from account where user_id = ${erased.userId}
    union all
    select user_id from profile where user_id = ${erased.userId}
    union all
    select user_id from avatar where user_id = ${erased.userId}
    union all
    select follower_id from follow where ${erased.userId} in (follower_id, followed_id)`
  await vi.waitFor(
    async () => {
      expect([...(await rows())]).toEqual([])
      expect(await objects()).toEqual([])
    },
    { timeout: 2_000, interval: 10 },
  )
  const response = await users.request(`/users/${friend.userId}`)
  expect(await response.json()).toMatchObject({ followers: 0 })
})
