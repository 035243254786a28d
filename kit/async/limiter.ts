/** There is too much other work: this piece was not begun, and the caller may try again soon. */
export class BusyError extends Error {
  constructor(reason: string) {
    super(`${reason} Try again soon.`)
    this.name = 'BusyError'
  }
}

export type Limiter = <T>(work: () => Promise<T>) => Promise<T>

type Limits = {
  runningMax: number
  /** How many may wait for their turn; one more is refused with a `BusyError`. */
  waitingMax: number
  /** A turn that comes later than this is refused too, so that it takes no time from those behind it. */
  waitMsMax: number
  nowMs?: () => number
  /** The sentence that says what there is too much of. */
  busyText: string
}

/** Runs at most `runningMax` at once. Their duration depends on the machine, so the waiting time is limited too. */
export function createLimiter(limits: Limits): Limiter {
  const { runningMax, waitingMax, waitMsMax, busyText, nowMs = () => performance.now() } = limits
  let running = 0
  const waiting: (() => void)[] = []

  return async (work) => {
    const sinceMs = nowMs()
    if (running < runningMax) running += 1
    else {
      if (waiting.length >= waitingMax) throw new BusyError(busyText)
      // Finished work hands its place over, so that a new call cannot overtake the queue.
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
