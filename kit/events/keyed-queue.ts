import { type Backoff, backoffMs, pause } from '../async/backoff.ts'
import type { Event } from './event.ts'

/**
 * Handles the events of one key one after the other, and different keys in parallel. An event whose handler rejects is
 * retried after a while, and the other events of its key wait for it.
 */
export type KeyedQueue = {
  /** Resolves once the event is handled, so that the broker may drop it. Rejects when the queue closes before that. */
  handle(event: Event): Promise<void>
  /** Starts no more handlers, and resolves when the running ones have ended. */
  close(): Promise<void>
}

export type KeyedQueueOptions = {
  handle(event: Event): Promise<void>
  /** Called after every failure, before the retry. */
  onFailure?: (error: unknown, event: Event, tries: number) => void
  keysMax?: number
  retry?: Backoff
}

type Waiting = { event: Event; settled: PromiseWithResolvers<void> }

const keysMaxDefault = 4
const retryDefault = { baseMs: 50, capMs: 10_000 }

export function createKeyedQueue(options: KeyedQueueOptions): KeyedQueue {
  const { keysMax = keysMaxDefault } = options
  /** The waiting events by key. The first key without a worker is next. */
  const queues = new Map<string, Waiting[]>()
  const busy = new Map<string, Promise<void>>()
  const closing = new AbortController()

  function startWorkers(): void {
    for (const key of queues.keys()) {
      if (busy.size >= keysMax) return
      if (!busy.has(key)) busy.set(key, work(key))
    }
  }

  async function work(key: string): Promise<void> {
    const queue = queues.get(key) ?? []
    for (let next = queue[0]; next && !closing.signal.aborted; next = queue[0]) {
      await handleUntilDone(next, options, closing.signal)
      queue.shift()
    }
    for (const { settled } of queue) settled.reject(closed())
    queues.delete(key)
    busy.delete(key)
    startWorkers()
  }

  return {
    handle(event) {
      if (closing.signal.aborted) return Promise.reject(closed())
      const settled = Promise.withResolvers<void>()
      const queue = queues.get(event.key)
      if (queue) queue.push({ event, settled })
      else queues.set(event.key, [{ event, settled }])
      startWorkers()
      return settled.promise
    },
    async close() {
      closing.abort()
      for (const [key, queue] of queues) {
        if (busy.has(key)) continue
        for (const { settled } of queue) settled.reject(closed())
        queues.delete(key)
      }
      await Promise.all(busy.values())
    },
  }
}

async function handleUntilDone(
  { event, settled }: Waiting,
  { handle, onFailure, retry = retryDefault }: KeyedQueueOptions,
  closing: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await handle(event)
      return settled.resolve()
    } catch (error) {
      if (closing.aborted) return settled.reject(closed())
      onFailure?.(error, event, tries)
      await pause(backoffMs(tries, retry), closing)
      if (closing.aborted) return settled.reject(closed())
    }
  }
}

function closed(): Error {
  return new Error('The subscription has ended; the event is delivered again to the next one.')
}
