/**
 * Small values that may be lost: counters of limits, caches. What must not be lost belongs in Postgres.
 *
 * - Every key expires, so nothing has to be cleaned up. An expired key is absent, and absent reads as `null`.
 * - Each call is atomic: of callers at the same time, each sees a state between two calls of the others.
 * - Values are any strings, the empty one too. A key holds a value or a counter; a counter reads as its decimal count.
 * - When memory runs out, keys may vanish early, those that expire soonest first where the engine can choose.
 */
export type KeyValue = {
  get(key: string): Promise<string | null>

  /** Replaces whatever there was, its expiry too. */
  set(key: string, value: string, ttlMs: number): Promise<void>

  /** Says whether it was set: of many at once, exactly one. An existing key keeps its value and its expiry. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>

  /**
   * Says whether it was set: only while the key still has the expected value. With `setIfAbsent` of a random token this
   * is a lease: whoever lost it to an expiry, a delete or another holder does not overwrite what came after.
   */
  setIfEquals(key: string, expected: string, value: string, ttlMs: number): Promise<boolean>

  /** The time to live starts at the first increment, and later ones do not extend it: a fixed window. */
  increment(key: string, ttlMs: number): Promise<Count>

  /** Deleting what is absent is fine. */
  delete(key: string): Promise<void>
}

/** `resetsInMs` is what is left of the window: more than 0, at most the time to live. */
export type Count = { count: number; resetsInMs: number }
