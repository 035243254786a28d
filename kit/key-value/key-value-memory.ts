import type { KeyValue } from './key-value.ts'

type Entry = { value: string; expiresAt: number }

export type MemoryKeyValueOptions = {
  entriesMax?: number
  /** A monotonic clock in milliseconds. */
  now?: () => number
}

const sweepEveryMs = 10_000
const countPattern = /^\d{1,15}$/

/** Keeps entries in this process. No call awaits between reading and writing, which makes each of them atomic. */
export function memoryKeyValue(options: MemoryKeyValueOptions = {}): KeyValue {
  const { entriesMax = 100_000, now = () => performance.now() } = options
  const entries = new Map<string, Entry>()
  let sweepAt = now() + sweepEveryMs

  function find(key: string): Entry | null {
    const entry = entries.get(key)
    return entry && entry.expiresAt > now() ? entry : null
  }

  function write(key: string, value: string, expiresAt: number): void {
    // Writes sweep: a timer would have to be stopped, and without writes nothing grows.
    if (now() >= sweepAt) sweep()
    if (entries.size >= entriesMax && !entries.has(key)) makeRoom()
    entries.set(key, { value, expiresAt })
  }

  function sweep(): void {
    sweepAt = now() + sweepEveryMs
    for (const [key, { expiresAt }] of entries) if (expiresAt <= now()) entries.delete(key)
  }

  /** Drops a tenth at once: a search for the next expiry at every write would make a full map slow. */
  function makeRoom(): void {
    sweep()
    if (entries.size < entriesMax) return
    const expiries = Float64Array.from(entries.values(), ({ expiresAt }) => expiresAt).sort()
    let excess = Math.ceil(entriesMax / 10)
    const last = expiries[excess - 1] ?? 0
    for (const [key, { expiresAt }] of entries) {
      if (expiresAt > last) continue
      entries.delete(key)
      excess -= 1
      if (excess === 0) return
    }
  }

  return {
    get: async (key) => find(key)?.value ?? null,
    set: async (key, value, ttlMs) => write(key, value, now() + ttlMs),
    setIfAbsent: async (key, value, ttlMs) => {
      if (find(key)) return false
      write(key, value, now() + ttlMs)
      return true
    },
    setIfEquals: async (key, expected, value, ttlMs) => {
      if (find(key)?.value !== expected) return false
      write(key, value, now() + ttlMs)
      return true
    },
    increment: async (key, ttlMs) => {
      const { value, expiresAt } = find(key) ?? { value: '0', expiresAt: now() + ttlMs }
      if (!countPattern.test(value)) throw new TypeError(`${key} holds a value, not a counter.`)
      const count = Number(value) + 1
      write(key, String(count), expiresAt)
      return { count, resetsInMs: expiresAt - now() }
    },
    delete: async (key) => void entries.delete(key),
  }
}
