import { type Bounded, bounded, busy } from './bounded.ts'

export type Gathering<Wanted, Found> = {
  /** Asks for all of them at once; answers what was found for each. */
  many(wanted: readonly Wanted[]): Promise<(one: Wanted) => Found>
  batchMax?: number
  /** How many questions may be under way. More than one, so that a slow one does not hold up everybody. */
  runningMax?: number
  /** How many may wait, and for how long: more, and later ones, are told to come back. */
  waitingMax?: number
  waitMsMax?: number
  nowMs?: () => number
}

type Waiting<Wanted, Found> = PromiseWithResolvers<Found> & { one: Wanted; sinceMs: number }

const busyText = 'Too many are waiting for the database at the moment.'

/**
 * Asks for many in one statement, because reaching the database costs more than what it does there: what is wanted in one
 * turn of the event loop, or while enough questions are under way, is asked for together.
 */
export function gathered<Wanted, Found>({
  many,
  batchMax = 100,
  runningMax = 2,
  waitingMax = 1_000,
  waitMsMax = 5_000,
  nowMs = () => performance.now(),
}: Gathering<Wanted, Found>): (one: Wanted) => Promise<Found> {
  const waiting: Waiting<Wanted, Found>[] = []
  let running = 0

  function start(): void {
    while (running < runningMax && waiting.length > 0) {
      const batch = inTime(waiting.splice(0, batchMax))
      if (batch.length > 0) void ask(batch)
    }
  }

  function inTime(taken: readonly Waiting<Wanted, Found>[]) {
    const sinceMsMin = nowMs() - waitMsMax
    for (const { sinceMs, reject } of taken) if (sinceMs < sinceMsMin) reject(busy(busyText))
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
    if (isFull) throw busy(busyText)
    const asked = { ...Promise.withResolvers<Found>(), one, sinceMs: nowMs() }
    if (waiting.push(asked) === 1) setImmediate(start)
    return asked.promise
  }
}

const aloneMax = 3

/** For what has to be done by itself because it waits for a lock: it must not take every connection from the others. */
export function aloneInTurn(): Bounded {
  return bounded({ runningMax: aloneMax, waitingMax: 400, waitMsMax: 5_000, busyText })
}
