import { createLimiter, type Limiter } from '@ego/kit/async/limiter'

/** For a slot, and for a hash. A request that waits in three of them is answered before a gateway gives up after 30 s. */
export const signInQueue = {
  waitingMax: 400,
  waitMsMax: 5_000,
  busyText: 'Too many people are signing in at the moment.',
}

type Queue = {
  /** How many run, wait or ask for their slot. */
  present: number
  running: number
  oneByOne: Limiter
  /** Resolves when one of the running ones leaves. */
  left: PromiseWithResolvers<void>
}

/** Asked again whenever a slot is freed. At least one; throws when no slot may be given. */
export type SlotsOf = () => Promise<number>

export type RunInSlot = <T>(key: string, slotsOf: SlotsOf, work: () => Promise<T>) => Promise<T>

/** Runs no more work for a key at the same moment than it has slots; the rest waits, first come first served. */
export function createSlots(): RunInSlot {
  const queues = new Map<string, Queue>()

  return async (key, slotsOf, work) => {
    const queue = queues.get(key) ?? createQueue()
    queues.set(key, queue)
    queue.present += 1
    try {
      await queue.oneByOne(() => takeSlot(queue, slotsOf))
      try {
        return await work()
      } finally {
        freeSlot(queue)
      }
    } finally {
      queue.present -= 1
      if (queue.present === 0) queues.delete(key)
    }
  }
}

function createQueue(): Queue {
  const oneByOne = createLimiter({ ...signInQueue, runningMax: 1 })
  return { present: 0, running: 0, oneByOne, left: Promise.withResolvers() }
}

/** One at a time, so that no other work starts between the question and the answer. */
async function takeSlot(queue: Queue, slotsOf: SlotsOf): Promise<void> {
  for (;;) {
    // Read before the question: work that ends meanwhile is counted twice rather than not at all.
    const { running, left } = queue
    if (running < (await slotsOf())) break
    await left.promise
  }
  queue.running += 1
}

function freeSlot(queue: Queue): void {
  queue.running -= 1
  queue.left.resolve()
  queue.left = Promise.withResolvers()
}
