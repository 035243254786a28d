/**
 * Stores small values that may be lost, such as the counters of limits and caches. Data that must survive belongs in Postgres.
 *
 * - Every key expires, so nothing has to be cleaned up. An expired key is absent.
 * - Each call is atomic.
 * - A value is any string, including the empty one. A key holds a value or a counter; a counter reads as its decimal count.
 * - When memory runs out, keys may disappear early: those that expire soonest first, where the engine can choose.
 */
export type KeyValue = {
  /** Resolves with `null` when the key is absent. */
  get(key: string): Promise<string | null>

  /** Replaces an existing value and its expiry. */
  set(key: string, value: string, ttlMs: number): Promise<void>

  /** Resolves with whether it was set: of concurrent calls exactly one is. An existing key keeps its value and its expiry. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>

  /**
   * Sets the value only while the key still has the expected one, and resolves with whether it did. Together with
   * `setIfAbsent` and a random token this is a lease: a holder that lost it does not overwrite a later value.
   */
  setIfEquals(key: string, expected: string, value: string, ttlMs: number): Promise<boolean>

  /** Counts in a fixed window: the time to live starts at the first increment, and later ones do not extend it. */
  increment(key: string, ttlMs: number): Promise<Count>

  /** Resolves also when the key is absent. */
  delete(key: string): Promise<void>
}

/** `resetsInMs` is the rest of the window: more than 0, at most the time to live. */
export type Count = { count: number; resetsInMs: number }
