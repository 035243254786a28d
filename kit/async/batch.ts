import { BusyError, createLimiter, type Limiter } from './limiter.ts'

export type BatchOptions<Wanted, Found> = {
  /** Looks up all of them at once, and returns a function that picks the result for one. */
  many(wanted: readonly Wanted[]): Promise<(one: Wanted) => Found>
  sizeMax?: number
  /** How many batches may run at once: more than one, so that a slow batch does not hold up all the others. */
  runningMax?: number
  /** How many callers may wait, and for how long; beyond that a caller gets a `BusyError`. */
  waitingMax?: number
  waitMsMax?: number
  nowMs?: () => number
}

type Waiting<Wanted, Found> = PromiseWithResolvers<Found> & { one: Wanted; sinceMs: number }

const busyText = 'Too many are waiting for the database at the moment.'

/**
 * Combines many lookups into one statement, because a round trip to the database costs more than its work there. A batch
 * holds the calls of one turn of the event loop, or those that arrived while enough batches were running.
 */
export function createBatch<Wanted, Found>({
  many,
  sizeMax = 100,
  runningMax = 2,
  waitingMax = 1_000,
  waitMsMax = 5_000,
  nowMs = () => performance.now(),
}: BatchOptions<Wanted, Found>): (one: Wanted) => Promise<Found> {
  const waiting: Waiting<Wanted, Found>[] = []
  let running = 0

  function start(): void {
    while (running < runningMax && waiting.length > 0) {
      const batch = inTime(waiting.splice(0, sizeMax))
      if (batch.length > 0) void ask(batch)
    }
  }

  function inTime(taken: readonly Waiting<Wanted, Found>[]) {
    const sinceMsMin = nowMs() - waitMsMax
    for (const { sinceMs, reject } of taken) {
      if (sinceMs < sinceMsMin) reject(new BusyError(busyText))
    }
    return taken.filter(({ sinceMs }) => sinceMs >= sinceMsMin)
  }

  async function ask(batch: readonly Waiting<Wanted, Found>[]): Promise<void> {
    running += 1
    try {
      const find = await many(batch.map(({ one }) => one))
      for (const { one, resolve } of batch) resolve(find(one))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    running -= 1
    start()
  }

  return async (one) => {
    const isFull = running === runningMax && waiting.length >= waitingMax
    if (isFull) throw new BusyError(busyText)
    const asked = { ...Promise.withResolvers<Found>(), one, sinceMs: nowMs() }
    if (waiting.push(asked) === 1) setImmediate(start)
    return asked.promise
  }
}

const aloneMax = 3

/** For work that waits for a database lock and so cannot be in a batch: it must leave connections for other requests. */
export function createLockLimiter(): Limiter {
  return createLimiter({ runningMax: aloneMax, waitingMax: 400, waitMsMax: 5_000, busyText })
}
