import { pause } from '@ego/kit/async/backoff'

type Options = {
  /** Rejects while the cache is away. */
  invalidate(userId: number): Promise<void>
  /** After this time no old entry is left, invalidated or not. */
  staleMsMax: number
  now: () => number
  retryMs?: number
  entriesMax?: number
}

export type RetryQueue = AsyncDisposable & {
  /** Never rejects: what fails is queued, and retried until it succeeds. */
  invalidate(userId: number): Promise<void>
  /** Whether the cache may hold an entry that should have been invalidated. */
  mayBeStale(userId: number): boolean
}

/** Invalidations that failed while the cache was away. When the queue is full, no entry is trusted for a while. */
export function createRetryQueue(options: Options): RetryQueue {
  const { invalidate, staleMsMax, now, retryMs = 1_000, entriesMax = 10_000 } = options
  const queued = new Map<number, symbol>()
  let mistrustedUntilMs = Number.NEGATIVE_INFINITY
  let retrying: Promise<void> | null = null
  const stopping = new AbortController()

  async function tryNow(userId: number): Promise<void> {
    const entry = queued.get(userId)
    await invalidate(userId)
    // An entry that was queued meanwhile belongs to a later commit.
    if (queued.get(userId) === entry) queued.delete(userId)
  }

  function enqueue(userId: number): void {
    if (queued.size < entriesMax || queued.has(userId)) queued.set(userId, Symbol())
    else mistrustedUntilMs = now() + staleMsMax
    retrying ??= retry(stopping.signal)
  }

  async function retry(signal: AbortSignal): Promise<void> {
    while (queued.size > 0 && !signal.aborted) {
      await pause(retryMs, signal)
      await retryAll(signal)
    }
    retrying = null
  }

  async function retryAll(signal: AbortSignal): Promise<void> {
    try {
      for (const userId of queued.keys()) {
        if (signal.aborted) return
        await tryNow(userId)
      }
    } catch {
      // The cache is still away, which the circuit breaker has logged; the next round tries the rest.
    }
  }

  return {
    async invalidate(userId) {
      try {
        await tryNow(userId)
      } catch {
        enqueue(userId)
      }
    },
    mayBeStale: (userId) => queued.has(userId) || now() < mistrustedUntilMs,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await retrying
    },
  }
}
