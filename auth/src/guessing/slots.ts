import { createLimiter, type Limiter } from '@ego/kit/async/limiter'
import { signInQueue } from './queue.ts'

type Line = {
  /** Who runs, waits or asks. */
  present: number
  running: number
  inTurn: Limiter
  /** Resolves when one that runs leaves. */
  left: PromiseWithResolvers<void>
}

/** Asked again whenever one leaves. At least one, or it throws: nobody may. */
export type PlacesOf = () => Promise<number>

export type InPlace = <T>(key: string, placesOf: PlacesOf, work: () => Promise<T>) => Promise<T>

/** Runs no more for a key at the same moment than there are places; the others wait, the first one first. */
export function places(): InPlace {
  const lines = new Map<string, Line>()

  return async (key, placesOf, work) => {
    const line = lines.get(key) ?? newLine()
    lines.set(key, line)
    line.present += 1
    try {
      await line.inTurn(() => takePlace(line, placesOf))
      try {
        return await work()
      } finally {
        leavePlace(line)
      }
    } finally {
      line.present -= 1
      if (line.present === 0) lines.delete(key)
    }
  }
}

function newLine(): Line {
  const inTurn = createLimiter({ ...signInQueue, runningMax: 1 })
  return { present: 0, running: 0, inTurn, left: Promise.withResolvers() }
}

/** One at a time, so that nobody else enters between the question and the answer. */
async function takePlace(line: Line, placesOf: PlacesOf): Promise<void> {
  for (;;) {
    // Read before the question: who leaves meanwhile is counted twice rather than not at all.
    const { running, left } = line
    if (running < (await placesOf())) break
    await left.promise
  }
  line.running += 1
}

function leavePlace(line: Line): void {
  line.running -= 1
  line.left.resolve()
  line.left = Promise.withResolvers()
}
