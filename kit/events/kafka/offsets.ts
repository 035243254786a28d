export type Place = { topic: string; partition: number; offset: bigint; leaderEpoch: number }

/** Tracks which offset to commit for each partition: the first one that is not handled. */
export type Offsets = {
  /** Registers a message, in the order of reading. Call the returned function when it is handled. */
  take(place: Place): () => void
  /** How many registered messages are not handled yet. */
  waiting(): number
  /** The offsets that advanced since the last call. */
  commits(): Place[]
}

type Taken = { place: Place; isHandled: boolean }

export function createOffsets(): Offsets {
  const queues = new Map<number, Taken[]>()
  let waiting = 0
  return {
    take(place) {
      const taken = { place, isHandled: false }
      const queue = queues.get(place.partition)
      if (queue) queue.push(taken)
      else queues.set(place.partition, [taken])
      waiting += 1
      return () => {
        if (!taken.isHandled) waiting -= 1
        taken.isHandled = true
      }
    },
    waiting: () => waiting,
    commits: () => [...queues.values()].flatMap(takeHandled),
  }
}

function takeHandled(queue: Taken[]): Place[] {
  const gapAt = queue.findIndex(({ isHandled }) => !isHandled)
  const handled = queue.splice(0, gapAt < 0 ? queue.length : gapAt)
  const last = handled.at(-1)?.place
  return last ? [{ ...last, offset: last.offset + 1n }] : []
}
