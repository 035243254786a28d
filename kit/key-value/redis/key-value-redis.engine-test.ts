import { randomUUID } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { isUnavailable } from '../../postgres/errors.ts'
import { openLink } from '../../testing/link.ts'
import { keyValueContract } from '../key-value.contract.ts'
import type { KeyValue } from '../key-value.ts'
import { connectRedis } from './connection.ts'
import { redisKeyValue } from './key-value-redis.ts'

const url = readUrl()
const deadline = { timeout: 10_000, interval: 20 }
const minuteMs = 60_000

keyValueContract('redisKeyValue', () => open())

const calls: [string, (keyValue: KeyValue) => Promise<unknown>][] = [
  ['get', (keyValue) => keyValue.get('a')],
  ['set', (keyValue) => keyValue.set('a', 'b', minuteMs)],
  ['setIfAbsent', (keyValue) => keyValue.setIfAbsent('a', 'b', minuteMs)],
  ['setIfEquals', (keyValue) => keyValue.setIfEquals('a', 'b', 'c', minuteMs)],
  ['increment', (keyValue) => keyValue.increment('n', minuteMs)],
  ['delete', (keyValue) => keyValue.delete('a')],
]

it('a store whose connection was cut is unavailable at once, and serves again when it is restored', async () => {
  await using link = await openLink(url)
  await using store = await open(link.url)
  const { keyValue, lines } = store
  await keyValue.set('kept', 'value', minuteMs)
  link.cut()
  for (const [, call] of calls) {
    const { failure, tookMs } = await failureOf(call(keyValue))
    expect(isUnavailable(failure)).toBe(true)
    expect(tookMs).toBeLessThan(500)
  }
  await vi.waitFor(() => expect(lines).toHaveLength(1), deadline)
  link.mend()
  await vi.waitFor(async () => expect(await keyValue.get('kept')).toBe('value'), deadline)
  expect(lines).toEqual([
    expect.stringContaining('Redis is unavailable'),
    expect.stringContaining('Redis is available again'),
  ])
  expect(lines.join()).not.toContain(new URL(url).password)
})

it.each(calls)(
  'a store that stops answering is unavailable within the timeout: %s',
  async (_, call) => {
    await using link = await openLink(url)
    await using store = await open(link.url)
    await store.keyValue.get('a')
    link.freeze()
    const first = await failureOf(call(store.keyValue))
    expect(isUnavailable(first.failure)).toBe(true)
    expect(first.tookMs).toBeLessThan(3_000)
    // The connection is closed by then, so that later callers do not wait for as long.
    await vi.waitFor(async () => {
      expect((await failureOf(call(store.keyValue))).tookMs).toBeLessThan(500)
    }, deadline)
    link.mend()
    await vi.waitFor(() => store.keyValue.get('a'), deadline)
  },
)

it('an increment that was pending when the connection was cut is not repeated', async () => {
  await using link = await openLink(url)
  await using store = await open(link.url)
  const key = randomUUID()
  expect(await store.keyValue.increment(key, minuteMs)).toMatchObject({ count: 1 })
  link.freeze()
  const failing = Array.from({ length: 20 }, () => failureOf(store.keyValue.increment(key, 1)))
  link.mend()
  for (const { failure } of await Promise.all(failing)) expect(isUnavailable(failure)).toBe(true)
  await vi.waitFor(async () => expect(await store.keyValue.get(key)).toBe('1'), deadline)
  expect(await store.keyValue.increment(key, minuteMs)).toMatchObject({ count: 2 })
})

it('a start continues while the store is down, and the store serves as soon as it is up', async () => {
  await using link = await openLink(url)
  link.cut()
  await using store = await open(link.url)
  expect(isUnavailable((await failureOf(store.keyValue.get('a'))).failure)).toBe(true)
  link.mend()
  await vi.waitFor(async () => expect(await store.keyValue.get('absent')).toBeNull(), deadline)
})

it('a start continues in time while the store does not answer', async () => {
  await using link = await openLink(url)
  link.freeze()
  const startedAt = performance.now()
  await using store = await open(link.url)
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  expect(isUnavailable((await failureOf(store.keyValue.get('a'))).failure)).toBe(true)
})

it.each([
  ['password', (wrong: URL) => Object.assign(wrong, { password: 'wrong' }), 'password'],
  ['user', (wrong: URL) => Object.assign(wrong, { username: 'unknown' }), 'user'],
  ['missing password', (wrong: URL) => Object.assign(wrong, { password: '' }), 'password'],
  ['database', (wrong: URL) => Object.assign(wrong, { pathname: '/9999' }), 'database'],
  ['path', (wrong: URL) => Object.assign(wrong, { pathname: '/zero' }), 'database'],
])('a start with a wrong %s fails with a sentence', async (_, change, named) => {
  const wrong = change(new URL(url)).href
  const { failure } = await failureOf(open(wrong))
  expect(failure).toMatchObject({ name: 'StartError' })
  expect(String(failure)).toMatch(`REDIS_URL: `)
  expect(String(failure)).toMatch(named)
})

it('a login that may no longer select its database is unavailable and never uses another one', async () => {
  const user = `test-${randomUUID()}`
  await using owner = await connect()
  const allow = (...rules: string[]) =>
    owner.ask((client) => client.call('ACL', 'SETUSER', user, ...rules))
  await allow('on', '>password', '~*', '+@all')
  const theirs = Object.assign(new URL(url), {
    username: user,
    password: 'password',
    pathname: '/3',
  })
  await using link = await openLink(theirs.href)
  await using store = await open(link.url)
  await store.keyValue.set('n', 'in 3', minuteMs)
  await allow('-select')
  link.cut()
  link.mend()
  await vi.waitFor(() => expect(store.lines).toHaveLength(2), deadline)
  expect(store.lines.at(-1)).toMatch('database refused')
  // Long enough for further attempts, which are not logged.
  const until = performance.now() + 1_500
  while (performance.now() < until) {
    expect(isUnavailable((await failureOf(store.keyValue.get('n'))).failure)).toBe(true)
    await owner.check()
  }
  await allow('+select')
  await vi.waitFor(async () => expect(await store.keyValue.get('n')).toBe('in 3'), deadline)
  expect(store.lines).toHaveLength(3)
  await owner.ask((client) => client.call('ACL', 'DELUSER', user))
})

it('a script that Redis has dropped is sent again', async () => {
  await using store = await open()
  const key = randomUUID()
  await store.keyValue.increment(key, minuteMs)
  await store.redis.ask((client) => client.script('FLUSH'))
  expect(await store.keyValue.increment(key, minuteMs)).toMatchObject({ count: 2 })
  expect(await store.keyValue.setIfEquals(key, '2', '3', minuteMs)).toBe(true)
})

it('services and databases do not see the keys of each other', async () => {
  await using redis = await connect()
  const [auth, users] = ['auth', 'users'].map((service) => redisKeyValue({ redis, service }))
  await using elsewhere = await connect(Object.assign(new URL(url), { pathname: '/3' }).href)
  const key = randomUUID()
  await auth?.set(key, 'value', minuteMs)
  expect(await auth?.get(key)).toBe('value')
  expect(await users?.get(key)).toBeNull()
  expect(await redisKeyValue({ redis: elsewhere, service: 'auth' }).get(key)).toBeNull()
})

it('a time to live may be a fraction of a millisecond', async () => {
  await using store = await open()
  const key = randomUUID()
  await store.keyValue.set(key, 'value', 0.4)
  const { count, resetsInMs } = await store.keyValue.increment(`${key}:n`, 1_234.5)
  expect(count).toBe(1)
  expect(resetsInMs).toBeLessThanOrEqual(1_234.5)
  await vi.waitFor(async () => expect(await store.keyValue.get(key)).toBeNull(), deadline)
})

it('a value that is not a counter is an error and not an outage, and the error does not show the key', async () => {
  await using store = await open()
  const key = randomUUID()
  await store.keyValue.set(key, 'secret-value', minuteMs)
  const { failure } = await failureOf(store.keyValue.increment(key, minuteMs))
  expect(isUnavailable(failure)).toBe(false)
  expect(JSON.stringify([failure, Object(failure).cause, Object(failure).stack])).not.toMatch(key)
})

async function open(at?: string) {
  const redis = await connect(at)
  const keyValue = redisKeyValue({ redis, service: 'test' })
  return { ...redis, redis, keyValue }
}

/** A connection with the lines that it has logged. */
async function connect(at = url) {
  const lines: string[] = []
  const note = (...line: unknown[]) => void lines.push(JSON.stringify(line))
  const log = { info: note, warn: note }
  const connection = await connectRedis(at, { log, purpose: 'key-value' })
  return { ...connection, lines }
}

async function failureOf(work: Promise<unknown>) {
  const startedAt = performance.now()
  const failure = await work.then(
    () => null,
    (error: unknown) => error,
  )
  return { failure, tookMs: performance.now() - startedAt }
}

function readUrl(): string {
  const given = process.env.EGO_TEST_REDIS
  if (!given) throw new Error('These tests need a server: run npm run test:engines.')
  return given
}
