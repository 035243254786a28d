import { connectRedis } from '@ego/kit/key-value/redis/connection'
import { redisKeyValue } from '@ego/kit/key-value/redis/key-value-redis'
import { openLink } from '@ego/kit/testing/link'
import { beforeEach, expect, test, vi } from 'vitest'
import { createGuessLimiter } from '../../src/guessing/guess-limiter-key-value.ts'
import { aMember, aRegistration, as, startAuth, type TestAuth, verifies } from '../start-auth.ts'

const deadline = { timeout: 10_000, interval: 20 }
const log = { info() {}, warn() {} }
/** Of this file alone: accounts of every test have the same ids. */
const url = databaseOf(13)

beforeEach(async () => {
  await using redis = await connectRedis(url, { log, purpose: 'test' })
  await redis.ask((client) => client.flushdb())
})

test('processes that share a Redis count misses together', async () => {
  await using one = await startAuth({ REDIS_URL: url })
  await using other = await startAuth({ REDIS_URL: url })
  for (let times = 0; times < 6; times += 1) {
    expect((await login(one, { username: 'unknown' })).status).toBe(401)
  }
  expect((await login(other, { username: 'unknown' })).status).toBe(429)
})

test('while Redis is away no guess is checked, and signed-in members go on', async () => {
  await using link = await openLink(url)
  await using auth = await startAuth({ REDIS_URL: link.url })
  const member = await aMember(auth)
  link.cut()
  const refused = [
    await login(auth, member),
    await login(auth, { ...member, password: 'wrong' }),
    await auth.post('/auth/registration', aRegistration()),
  ]
  for (const answer of refused) {
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.json()).toMatchObject({ code: 'unavailable' })
  }
  expect(await verifies(auth, member.token)).toBe(true)
  expect((await as(auth, member.token, '/auth/me')).status).toBe(200)
  const refreshed = await auth.post('/auth/refresh', { refresh_token: member.refresh })
  expect(refreshed.status).toBe(200)
  const ready = await auth.request('/readyz')
  expect(ready.status).toBe(200)
  expect(await ready.json()).toMatchObject({ status: 'degraded', checks: { redis: 'unavailable' } })
  link.mend()
  await vi.waitFor(async () => expect((await login(auth, member)).status).toBe(200), deadline)
  const { password } = new URL(url)
  expect(auth.lines.filter((line) => line.includes(password))).toEqual([])
})

test('a miss that Redis did not take is counted when it is back', async () => {
  await using link = await openLink(url)
  await using redis = await connectRedis(link.url, { log, purpose: 'test' })
  const limits = {
    missesMax: 1,
    waitMsMax: 900_000,
    perIp: { name: 'miss', max: 100, windowMs: 60_000 },
  }
  const keyValue = redisKeyValue({ redis, service: 'auth' })
  const guesses = createGuessLimiter({ keyValue, limits, now: Date.now })
  const guess = { target: 1, ip: '192.0.2.1' }
  const missed = guesses.attempt(guess, async () => {
    link.cut()
    return false
  })
  expect(await missed).toBe(false)
  const unchecked = vi.fn(async () => true)
  await expect(guesses.attempt(guess, unchecked)).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
  })
  expect(unchecked).not.toHaveBeenCalled()
  link.mend()
  await vi.waitFor(() => redis.check(), deadline)
  expect(await guesses.attempt(guess, async () => false)).toBe(false)
  await expect(guesses.attempt(guess, unchecked)).rejects.toMatchObject({ status: 429 })
})

function login(auth: TestAuth, { username, password = 'wrong' }: Record<string, unknown>) {
  return auth.post('/auth/login', { username, password }, { 'x-real-ip': '192.0.2.7' })
}

function databaseOf(number: number): string {
  const given = process.env.EGO_TEST_REDIS
  if (!given) throw new Error('These tests need a server: run npm run test:engines.')
  return Object.assign(new URL(given), { pathname: `/${number}` }).href
}
