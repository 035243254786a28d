import { Problem } from '../http/problem.ts'

export type Bounded = <T>(work: () => Promise<T>) => Promise<T>

type Limits = {
  runningMax: number
  /** How many may wait for their turn; more are told to come back. */
  waitingMax: number
  /** Whoever's turn comes later than this hears so at once, and takes none of the time of those behind. */
  waitMsMax: number
  nowMs?: () => number
  /** What there is too much of, as a sentence. */
  busyText: string
}

/** Runs at most so many at once. How long one takes depends on the machine, so the time of waiting is bounded too. */
export function bounded(limits: Limits): Bounded {
  const { runningMax, waitingMax, waitMsMax, busyText, nowMs = () => performance.now() } = limits
  let running = 0
  const waiting: (() => void)[] = []

  return async (work) => {
    const sinceMs = nowMs()
    if (running < runningMax) running += 1
    else {
      if (waiting.length >= waitingMax) throw busy(busyText)
      // The place is handed over by the one that leaves, so nobody new can slip in between.
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    try {
      if (nowMs() - sinceMs > waitMsMax) throw busy(busyText)
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}

export function busy(text: string): Problem {
  return new Problem(503, 'busy', `${text} Try again soon.`, { headers: { 'retry-after': '2' } })
}
