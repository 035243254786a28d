/** Too much is going on for this piece of work: it was not begun, and the caller may try again soon. */
export class BusyError extends Error {
  constructor(reason: string) {
    super(`${reason} Try again soon.`)
    this.name = 'BusyError'
  }
}

export type Limiter = <T>(work: () => Promise<T>) => Promise<T>

type Limits = {
  runningMax: number
  /** How many may wait for their turn; the next one is refused with a `BusyError`. */
  waitingMax: number
  /** A turn that comes later than this is refused as well, so that it takes no time from those behind it. */
  waitMsMax: number
  nowMs?: () => number
  /** What there is too much of, as a sentence. */
  busyText: string
}

/** Runs at most so many at once. How long one takes depends on the machine, so the time of waiting is limited too. */
export function createLimiter(limits: Limits): Limiter {
  const { runningMax, waitingMax, waitMsMax, busyText, nowMs = () => performance.now() } = limits
  let running = 0
  const waiting: (() => void)[] = []

  return async (work) => {
    const sinceMs = nowMs()
    if (running < runningMax) running += 1
    else {
      if (waiting.length >= waitingMax) throw new BusyError(busyText)
      // The one that leaves hands its place over, so that no newcomer can slip in between.
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    try {
      if (nowMs() - sinceMs > waitMsMax) throw new BusyError(busyText)
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
