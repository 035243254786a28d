import type { KeyValue } from '@ego/kit/key-value/key-value'
import { memoryKeyValue } from '@ego/kit/key-value/key-value-memory'
import { describe, expect, test } from 'vitest'
import { createGuessLimiter, toLowerCase } from './guess-limiter-key-value.ts'

const limits = {
  missesMax: 3,
  waitMsMax: 900_000,
  perIp: { name: 'miss', max: 8, windowMs: 60_000 },
}

/** Attempts whose checks are counted and take a moment. */
function guarded(changes: (memory: KeyValue) => Partial<KeyValue> = () => ({})) {
  let nowMs = 0
  const counts = { begun: 0, running: 0, most: 0 }
  const now = () => nowMs
  const memory = memoryKeyValue({ now })
  const keyValue = { ...memory, ...changes(memory) }
  const limiter = createGuessLimiter({ keyValue, limits, now })
  const check = async (isRight: boolean) => {
    counts.begun += 1
    counts.running += 1
    counts.most = Math.max(counts.most, counts.running)
    await new Promise(setImmediate)
    counts.running -= 1
    return isRight
  }
  return {
    counts,
    limiter,
    attempt: (target: string, isRight: boolean, ip = 'here') =>
      limiter.attempt({ target, ip }, () => check(isRight)),
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

const many = <T>(times: number, work: (index: number) => Promise<T>) =>
  Promise.allSettled(Array.from({ length: times }, (_, index) => work(index)))

const retryAfter = (seconds: number) => ({
  status: 429,
  code: 'too_many_attempts',
  headers: { 'retry-after': String(seconds) },
})

describe('misses for one account', () => {
  test('at once are checked as often as one after the other, and no more', async () => {
    const { attempt, counts } = guarded()
    const results = await many(200, () => attempt('a', false))
    expect(counts.begun).toBe(limits.missesMax + 1)
    const refused = results.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(200 - counts.begun)
    expect(refused[0]).toMatchObject({ reason: retryAfter(15) })
  })

  test('at once after a wait are checked once', async () => {
    const { attempt, counts, pass } = guarded()
    await many(10, () => attempt('a', false))
    pass(15_000)
    counts.begun = 0
    await many(50, () => attempt('a', false))
    expect(counts.begun).toBe(1)
    pass(15_000)
    await expect(attempt('a', true)).rejects.toMatchObject(retryAfter(15))
    pass(15_000)
    await expect(attempt('a', true)).resolves.toBe(true)
  })

  test('are forgotten when they are forgiven', async () => {
    const { attempt, limiter } = guarded()
    await many(10, () => attempt('a', false))
    await limiter.forgive({ target: 'a', ip: 'here' })
    await expect(attempt('a', true)).resolves.toBe(true)
  })
})

test('right attempts at once all succeed, no more at the same moment than misses are left', async () => {
  const { attempt, counts } = guarded()
  await attempt('a', false)
  const results = await many(100, () => attempt('a', true))
  expect(results).toEqual(Array(100).fill({ status: 'fulfilled', value: true }))
  expect(counts.most).toBe(limits.missesMax - 1)
})

describe('misses from one address', () => {
  test('for many accounts at once are checked up to the limit', async () => {
    const { attempt, counts } = guarded()
    await many(150, (index) => attempt(`a${index}`, false))
    expect(counts.begun).toBe(limits.perIp.max)
  })

  test('are refused until the window ends, and told how long that is', async () => {
    const { attempt, pass } = guarded()
    await attempt('first', false)
    pass(50_000)
    await many(20, (index) => attempt(`a${index}`, false))
    await expect(attempt('b', true)).rejects.toMatchObject(retryAfter(10))
    pass(10_000)
    await expect(attempt('b', true)).resolves.toBe(true)
  })

  test('are no attempts that were right, however many', async () => {
    const { attempt } = guarded()
    const results = await many(100, (index) => attempt(`a${index}`, true))
    expect(results).toEqual(Array(100).fill({ status: 'fulfilled', value: true }))
    await expect(attempt('b', false)).resolves.toBe(false)
  })
})

test('a check that throws does not count and frees its slot', async () => {
  const { attempt, limiter } = guarded()
  const busy = () => Promise.reject(new Error('busy'))
  const results = await many(50, () => limiter.attempt({ target: 'a', ip: 'here' }, busy))
  expect(results).toEqual(Array(50).fill({ status: 'rejected', reason: new Error('busy') }))
  for (let count = 0; count <= limits.missesMax; count += 1) {
    await expect(attempt('a', false)).resolves.toBe(false)
  }
  await expect(attempt('a', false)).rejects.toMatchObject(retryAfter(15))
})

describe('a store that fails', () => {
  const away = new Error('away')

  /** A store whose operation of that name fails while it is away. */
  function withFailing(name: 'increment' | 'set') {
    const state = { isAway: true }
    const given = guarded((memory) => ({
      [name]: (...call: [string, string & number, number]) =>
        state.isAway ? Promise.reject(away) : memory[name](...call),
    }))
    return { ...given, state }
  }

  test.each([true, false])(
    'to count a miss lets nothing be checked before it did, right: %s',
    async (isRight) => {
      const { attempt, counts } = withFailing('increment')
      await many(200, () => attempt('a', false))
      expect(counts.begun).toBeLessThanOrEqual(limits.missesMax)
      counts.begun = 0
      await expect(attempt('a', isRight)).rejects.toBe(away)
      await expect(attempt('b', isRight)).rejects.toBe(away)
      expect(counts.begun).toBe(0)
      await expect(attempt('a', isRight, 'there')).resolves.toBe(isRight)
    },
  )

  test('counts the misses it has not taken when it is back', async () => {
    const { attempt, counts, state } = withFailing('increment')
    await many(200, () => attempt('a', false))
    state.isAway = false
    await many(200, () => attempt('a', false))
    expect(counts.begun).toBe(limits.missesMax + 1)
    await expect(attempt('a', true)).rejects.toMatchObject(retryAfter(15))
  })

  test('to note a wait is no way around it', async () => {
    const { attempt, counts } = withFailing('set')
    for (let count = 0; count < 20; count += 1) await many(1, () => attempt('a', false))
    expect(counts.begun).toBe(limits.missesMax + 1)
  })
})

test('addresses of one IPv6 network are one', async () => {
  const { attempt, counts } = guarded()
  await many(100, (index) => attempt('a', false, `2001:db8:1:2::${index}`))
  expect(counts.begun).toBe(limits.missesMax + 1)
  await many(100, (index) => attempt(`a${index}`, false, `2001:db8:1:2:${index}::1`))
  expect(counts.begun).toBe(limits.perIp.max)
  await expect(attempt('a', true, '2001:db8:1:3::1')).resolves.toBe(true)
})

test('a flood of one account does not keep the others waiting', async () => {
  const { attempt, limiter } = guarded()
  const gate = Promise.withResolvers<boolean>()
  const held = many(600, () => limiter.attempt({ target: 'a', ip: 'there' }, () => gate.promise))
  await expect(attempt('b', true)).resolves.toBe(true)
  gate.resolve(true)
  const busy = (await held).filter(({ status }) => status === 'rejected')
  expect(busy[0]).toMatchObject({ reason: { name: 'BusyError' } })
  expect(busy.length).toBeGreaterThan(100)
})

test.each([
  ['ADMİN', 'admin'],
  ['ΣΑΣ', 'σασ'],
  ['\u212aIM', 'kim'],
  ['𐐀', '𐐨'],
])('the name %s is counted as %s', (typed, name) => {
  expect(toLowerCase(typed)).toBe(name)
  expect(toLowerCase(name)).toBe(name)
})
