import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KeyValue } from './key-value.ts'

export type OpenKeyValue = () => Promise<{ keyValue: KeyValue } & AsyncDisposable>

const minuteMs = 60_000
const soonMs = 60
const deadline = { timeout: 5_000, interval: 5 }

/** Keys are random, so the engine may hold other keys. */
export function keyValueContract(name: string, open: OpenKeyValue): void {
  describe(`${name} keeps the promises of a key-value store`, () => {
    let opened: Awaited<ReturnType<OpenKeyValue>>
    let store: KeyValue
    let key: string
    beforeEach(async () => {
      opened = await open()
      store = opened.keyValue
      key = `test:${randomUUID()}`
    })
    afterEach(() => opened[Symbol.asyncDispose]())

    const gone = () => vi.waitFor(async () => expect(await store.get(key)).toBeNull(), deadline)

    it('an absent key reads as null', async () => {
      expect(await store.get(key)).toBeNull()
    })

    it.each(['', 'value', '0', 'Zoë 😀\n\u0000"', 'x'.repeat(100_000)])(
      'a value is read as it was set (%#)',
      async (value) => {
        await store.set(key, value, minuteMs)
        expect(await store.get(key)).toBe(value)
      },
    )

    it('keys with any characters are distinct', async () => {
      const keys = [key, `${key}:`, `${key} é😀`, key.toUpperCase(), `${key}*`, `__proto__${key}`]
      for (const each of keys) await store.set(each, each, minuteMs)
      for (const each of keys) expect(await store.get(each)).toBe(each)
    })

    it('a value is gone after its time to live', async () => {
      await store.set(key, 'value', soonMs)
      await gone()
      expect(await store.setIfAbsent(key, 'next', minuteMs)).toBe(true)
    })

    it('set replaces the value and the expiry', async () => {
      await store.set(key, 'first', minuteMs)
      await store.set(key, 'second', soonMs)
      expect(await store.get(key)).toBe('second')
      await gone()
      await store.set(key, 'short', soonMs)
      await store.set(key, 'long', minuteMs)
      await waitMs(soonMs * 2)
      expect(await store.get(key)).toBe('long')
    })

    it('setIfAbsent sets once, and a second call changes neither value nor expiry', async () => {
      expect(await store.setIfAbsent(key, 'first', soonMs)).toBe(true)
      expect(await store.setIfAbsent(key, 'second', minuteMs)).toBe(false)
      expect(await store.get(key)).toBe('first')
      await gone()
    })

    it('of concurrent setIfAbsent calls exactly one succeeds', async () => {
      const tokens = Array.from({ length: 50 }, (_, n) => `token-${n}`)
      const wins = await Promise.all(tokens.map((t) => store.setIfAbsent(key, t, minuteMs)))
      expect(wins.filter(Boolean)).toHaveLength(1)
      expect(await store.get(key)).toBe(tokens[wins.indexOf(true)])
    })

    it('setIfEquals sets only while the value is the expected one', async () => {
      expect(await store.setIfEquals(key, '', 'value', minuteMs)).toBe(false)
      await store.set(key, 'lease', minuteMs)
      expect(await store.setIfEquals(key, 'other', 'value', minuteMs)).toBe(false)
      expect(await store.get(key)).toBe('lease')
      expect(await store.setIfEquals(key, 'lease', 'value', soonMs)).toBe(true)
      expect(await store.get(key)).toBe('value')
      await gone()
      expect(await store.setIfEquals(key, 'value', 'late', minuteMs)).toBe(false)
    })

    it('of concurrent setIfEquals calls exactly one succeeds', async () => {
      await store.set(key, 'lease', minuteMs)
      const wins = await Promise.all(
        Array.from({ length: 50 }, (_, n) => store.setIfEquals(key, 'lease', `${n}`, minuteMs)),
      )
      expect(wins.filter(Boolean)).toHaveLength(1)
      expect(await store.get(key)).toBe(`${wins.indexOf(true)}`)
    })

    it('concurrent increments each get a distinct count, and the counter can be read', async () => {
      const counts = await Promise.all(
        Array.from({ length: 100 }, () => store.increment(key, minuteMs)),
      )
      expect(counts.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 100 }, (_, n) => n + 1),
      )
      expect(await store.get(key)).toBe('100')
    })

    it('the window of a counter starts at the first increment and is not extended', async () => {
      const first = await store.increment(key, 300)
      expect(first.count).toBe(1)
      expect(first.resetsInMs).toBeGreaterThan(0)
      expect(first.resetsInMs).toBeLessThanOrEqual(300)
      await waitMs(50)
      const second = await store.increment(key, minuteMs)
      expect(second.count).toBe(2)
      expect(second.resetsInMs).toBeGreaterThan(0)
      expect(second.resetsInMs).toBeLessThanOrEqual(260)
      await gone()
      expect((await store.increment(key, minuteMs)).count).toBe(1)
    })

    it('incrementing a value that is not a counter rejects and keeps the value', async () => {
      await store.set(key, 'value', minuteMs)
      await expect(store.increment(key, minuteMs)).rejects.toThrow()
      expect(await store.get(key)).toBe('value')
    })

    it('a deleted key or counter is absent, and deleting it again is fine', async () => {
      await store.set(key, 'value', minuteMs)
      await store.delete(key)
      await store.delete(key)
      expect(await store.get(key)).toBeNull()
      await store.increment(key, minuteMs)
      await store.delete(key)
      expect((await store.increment(key, minuteMs)).count).toBe(1)
    })
  })
}

/** A real engine cannot be given a clock, so the test has to wait. */
function waitMs(ms: number): Promise<void> {
  const until = performance.now() + ms
  return vi.waitFor(() => expect(performance.now()).toBeGreaterThan(until), deadline)
}
