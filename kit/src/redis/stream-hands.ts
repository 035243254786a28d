import { createBell } from '../bell.ts'
import type { Subscription } from '../bus.ts'
import type { Event } from '../event.ts'
import { lanes } from '../lanes.ts'
import type { Log } from '../log.ts'
import type { RedisStream, StreamEntry } from './stream.ts'
import type { Lease } from './stream-lease.ts'

/** Handles entries and acknowledges them, from one taking of the lease until it goes. */
export type Hands = AsyncDisposable & {
  /** Whatever ends it: no handler is started from then on. */
  ended: AbortSignal
  /** How many entries more, which is none only at the end. */
  room(): Promise<number>
  take(entries: readonly StreamEntry[]): void
  throwIfFailed(): void
}

type HandsOptions = {
  stream: Pick<RedisStream, 'acknowledge' | 'bury'>
  subscription: Subscription
  log: Pick<Log, 'warn'>
  signal: AbortSignal
}

/** Entries that are handled, or wait for it in memory. */
const underWayMax = 100
const lookAgainMs = 1_000

export function openHands(lease: Lease, options: HandsOptions): Hands {
  const { stream, subscription, log, signal } = options
  const { consumer } = subscription
  const wanted = new Set(subscription.types)
  const underWay = new Set<Promise<void>>()
  const bell = createBell()
  const failing = new AbortController()
  const ended = AbortSignal.any([signal, lease.lost, failing.signal])

  const lane = lanes({
    async handle(event) {
      // A process that stood still may not have heard yet.
      if (!lease.isHeld()) throw new Error('Another process reads for this consumer now.')
      await subscription.handle(event)
    },
    onFailure: (error, { id, type }, tries) =>
      log.warn({ err: error, consumer, event_id: id, type, tries }, 'An event waits.'),
  })
  ended.addEventListener('abort', () => {
    void lane.close()
    bell.ring()
  })

  async function handle(id: string, event: Event): Promise<void> {
    await lane.handle(event)
    await stream.acknowledge(consumer, [id])
  }

  async function bury(entry: StreamEntry): Promise<void> {
    await stream.bury(consumer, entry)
    log.warn({ consumer, entry: entry.id }, 'An entry that is no event is put aside.')
  }

  /** What could not be acknowledged is claimed again, by whoever has the lease next. */
  function track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        if (!ended.aborted) failing.abort(error)
      })
      .finally(() => {
        underWay.delete(tracked)
        bell.ring()
      })
    underWay.add(tracked)
  }

  return {
    ended,
    async room() {
      while (underWay.size >= underWayMax && !ended.aborted) await bell.wait(lookAgainMs)
      return ended.aborted ? 0 : underWayMax - underWay.size
    },
    take(entries) {
      const others = entries.filter(({ event }) => event && !wanted.has(event.type))
      track(
        stream.acknowledge(
          consumer,
          others.map(({ id }) => id),
        ),
      )
      for (const entry of entries) {
        if (!entry.event) track(bury(entry))
        else if (wanted.has(entry.event.type)) track(handle(entry.id, entry.event))
      }
    },
    throwIfFailed: () => failing.signal.throwIfAborted(),
    async [Symbol.asyncDispose]() {
      await lane.close()
      await Promise.all(underWay)
    },
  }
}
