import type { KeyValue } from '@ego/kit/key-value/key-value'
import { memoryKeyValue } from '@ego/kit/key-value/key-value-memory'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createProfileCache } from '../../src/profile/cache.ts'
import { createRetryQueue } from '../../src/profile/retry-queue.ts'
import { aProfile } from './a-profile.ts'

const restMs = 1_000
const deadline = { timeout: 5_000, interval: 5 }

let now: number
let isAway: boolean
let asked: number
let bio: string
let lines: string[]
let memory: KeyValue
let cache: ReturnType<typeof createProfileCache>

beforeEach(() => {
  now = 0
  isAway = false
  asked = 0
  bio = 'old'
  lines = []
  memory = memoryKeyValue({ now: () => now })
  cache = aCache()
})
afterEach(() => cache[Symbol.asyncDispose]())

/** As another process has it: with a retry queue of its own. */
function aCache() {
  const note = (...line: unknown[]) => void lines.push(String(line.at(-1)))
  return createProfileCache({
    log: { info: note, warn: note },
    now: () => now,
    profiles: { find: async () => aProfile({ bio }) },
    keyValue: {
      ...memory,
      get: (key) => unlessAway(() => memory.get(key)),
      setIfAbsent: (...given) => unlessAway(() => memory.setIfAbsent(...given)),
      setIfEquals: (...given) => unlessAway(() => memory.setIfEquals(...given)),
      delete: (key) => unlessAway(() => memory.delete(key)),
    },
  })
}

async function unlessAway<Result>(work: () => Promise<Result>): Promise<Result> {
  asked += 1
  if (isAway) throw new Error('away')
  return work()
}

const bioRead = async (from = cache) => (await from.find(7))?.bio

describe('while what is kept is away', () => {
  test('profiles come from the store, and few requests ask what is away', async () => {
    isAway = true
    for (let times = 0; times < 100; times += 1) expect(await bioRead()).toBe('old')
    expect(asked).toBe(1)
    now += restMs
    for (let times = 0; times < 100; times += 1) expect(await bioRead()).toBe('old')
    expect(asked).toBe(2)
    expect(lines).toHaveLength(1)
  })

  test('a reading that began before is answered', async () => {
    const reading = cache.find(7)
    isAway = true
    expect(await reading).toMatchObject({ bio: 'old' })
  })

  test('a write succeeds', async () => {
    isAway = true
    const written = cache.invalidateAfter([7], async () => 'written')
    expect(await written).toBe('written')
  })

  test('a write that fails tells its own failure', async () => {
    isAway = true
    const failed = cache.invalidateAfter([7], () => Promise.reject(new Error('no room')))
    await expect(failed).rejects.toThrow('no room')
  })
})

test('what is kept is used again when it is back', async () => {
  isAway = true
  await bioRead()
  isAway = false
  now += restMs
  await bioRead()
  bio = 'not looked for'
  expect(await bioRead()).toBe('old')
  expect(lines).toHaveLength(2)
})

test('a write right after a failed reading is seen by other processes at once', async () => {
  await bioRead()
  isAway = true
  await cache.find(8)
  isAway = false
  bio = 'new'
  await cache.invalidate(7)
  expect(await bioRead(aCache())).toBe('new')
})

describe('a profile that was changed while what is kept was away', () => {
  beforeEach(async () => {
    await bioRead()
    isAway = true
    bio = 'new'
    await cache.invalidate(7)
    isAway = false
  })

  test('is never read from there before it is invalidated', async () => {
    expect(await bioRead()).toBe('new')
    now += restMs
    expect(await bioRead()).toBe('new')
    expect(await bioRead(aCache())).toBe('old')
  })

  test('is invalidated as soon as it can be, and then kept again', async () => {
    now += restMs
    await vi.waitFor(async () => expect(await bioRead(aCache())).toBe('new'), deadline)
    await vi.waitFor(async () => {
      asked = 0
      await bioRead()
      expect(asked).toBe(1)
    }, deadline)
  })

  test('is seen by other processes after a minute at the latest', async () => {
    now += 60_001
    expect(await bioRead(aCache())).toBe('new')
  })
})

test('what another version of the code has kept is as good as absent', async () => {
  await memory.set(
    'profile:7',
    JSON.stringify({ ...aProfile({ bio }), followers: undefined }),
    60_000,
  )
  expect(await cache.find(7)).toEqual(aProfile({ bio }))
})

describe('the retry queue', () => {
  const options = { staleMsMax: 65_000, now: () => now, retryMs: 5, entriesMax: 2 }

  test('retries until it succeeds', async () => {
    const left = new Set([1, 2])
    isAway = true
    await using queue = createRetryQueue({
      ...options,
      invalidate: (userId) => unlessAway(async () => void left.delete(userId)),
    })
    await Promise.all([queue.invalidate(1), queue.invalidate(2)])
    await vi.waitFor(() => expect(asked).toBeGreaterThan(5), deadline)
    expect([1, 2, 3].map(queue.mayBeStale)).toEqual([true, true, false])
    isAway = false
    await vi.waitFor(() => expect(queue.mayBeStale(1)).toBe(false), deadline)
    await vi.waitFor(() => expect(queue.mayBeStale(2)).toBe(false), deadline)
    expect(left.size).toBe(0)
  })

  test('that is full trusts nothing until every old entry has expired', async () => {
    isAway = true
    await using queue = createRetryQueue({
      ...options,
      invalidate: () => unlessAway(async () => {}),
    })
    for (const userId of [1, 2, 2]) await queue.invalidate(userId)
    expect(queue.mayBeStale(4)).toBe(false)
    await queue.invalidate(3)
    expect(queue.mayBeStale(4)).toBe(true)
    now += 64_999
    expect(queue.mayBeStale(3)).toBe(true)
    now += 1
    expect([3, 4].map(queue.mayBeStale)).toEqual([false, false])
    expect(queue.mayBeStale(1)).toBe(true)
  })

  test('keeps an entry that was added while an earlier invalidation was under way', async () => {
    const earlier = Promise.withResolvers<void>()
    const outcomes = [
      earlier.promise,
      Promise.reject(new Error('away')),
      new Promise<void>(() => {}),
    ]
    await using queue = createRetryQueue({
      ...options,
      retryMs: 60_000,
      invalidate: () => outcomes.shift() ?? Promise.reject(new Error('away')),
    })
    const begun = queue.invalidate(1)
    await queue.invalidate(1)
    earlier.resolve()
    await begun
    expect(queue.mayBeStale(1)).toBe(true)
  })
})
