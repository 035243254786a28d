import { connectRedis } from '@ego/kit/key-value/redis/connection'
import { openLink } from '@ego/kit/testing/link'
import { expect, test, vi } from 'vitest'
import { startUsers } from '../start-users.ts'

const deadline = { timeout: 10_000, interval: 20 }
/** Of this file alone: every test has a member with the id 1. */
const url = databaseOf(14)

test('a profile is kept in Redis, and invalidated when it changes', async () => {
  await using started = await start()
  const { person, kept, read, change } = started
  await read()
  expect(await kept()).toContain('"bio":""')
  expect((await change('new')).status).toBe(200)
  expect(await kept()).toBeNull()
  expect(await (await read()).json()).toMatchObject({ user_id: person.userId, bio: 'new' })
})

test('profiles are read and changed while Redis is away, and no old one is shown when it is back', async () => {
  await using started = await start()
  const { link, users, kept, read, change } = started
  await read()
  link.cut()
  const answer = await inTime(read, 1_000)
  expect(answer.status).toBe(200)
  const ready = await users.request('/readyz')
  expect(ready.status).toBe(200)
  expect(await ready.json()).toMatchObject({ status: 'degraded', checks: { redis: 'unavailable' } })
  expect((await inTime(() => change('new'), 1_000)).status).toBe(200)
  expect(await (await read()).json()).toMatchObject({ bio: 'new' })
  expect(await kept()).toContain('"bio":""')
  link.mend()
  await vi.waitFor(async () => {
    expect(await (await read()).json()).toMatchObject({ bio: 'new' })
    expect(await kept()).toContain('"bio":"new"')
  }, deadline)
  const recovered = await users.request('/readyz')
  expect(await recovered.json()).toMatchObject({ status: 'ok', checks: { redis: 'ok' } })
})

test('a Redis that no longer answers delays few readers, and those for a moment', async () => {
  await using started = await start()
  const { link, read } = started
  await read()
  link.freeze()
  expect((await inTime(read, 1_500)).status).toBe(200)
  for (let times = 0; times < 10; times += 1) {
    expect((await inTime(read, 300)).status).toBe(200)
  }
})

async function start() {
  await using building = new AsyncDisposableStack()
  const log = { info() {}, warn() {} }
  const redis = building.use(await connectRedis(url, { log, purpose: 'test' }))
  await redis.ask((client) => client.flushdb())
  const link = building.use(await openLink(url))
  const users = building.use(await startUsers({ variables: { REDIS_URL: link.url } }))
  const person = await users.aPerson()
  const resources = building.move()
  return {
    link,
    users,
    person,
    /** What Redis itself has, past the link. */
    kept: () => redis.ask((client) => client.get(`ego:users:profile:${person.userId}`)),
    read: async () => users.request(`/users/${person.userId}`),
    change: async (bio: string) =>
      users.request('/users/me', {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', ...person.headers },
        body: JSON.stringify({ bio }),
      }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function inTime(work: () => Promise<Response>, msMax: number): Promise<Response> {
  const startedAt = performance.now()
  const response = await work()
  expect(performance.now() - startedAt).toBeLessThan(msMax)
  return response
}

function databaseOf(number: number): string {
  const given = process.env.EGO_TEST_REDIS
  if (!given) throw new Error('These tests need a server: run npm run test:engines.')
  return Object.assign(new URL(given), { pathname: `/${number}` }).href
}
