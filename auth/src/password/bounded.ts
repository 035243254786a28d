import { Problem } from '@ego/kit/problem'

export type Bounded = <T>(work: () => Promise<T>) => Promise<T>

/** Runs at most `runningMax` at once and lets at most `waitingMax` wait; more are told to come back. */
export function bounded(runningMax: number, waitingMax: number): Bounded {
  let running = 0
  const waiting: (() => void)[] = []

  return async (work) => {
    if (running < runningMax) running += 1
    else {
      if (waiting.length >= waitingMax) throw busy()
      // The place is handed over by the one that leaves, so nobody new can slip in between.
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}

function busy(): Problem {
  return new Problem(503, 'busy', 'Too many people are signing in at the moment. Try again soon.', {
    headers: { 'retry-after': '2' },
  })
}
