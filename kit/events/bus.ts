import type { Log } from '../process/log.ts'
import type { Event } from './event.ts'

/**
 * Carries events from the relays to the consumers.
 *
 * - At least once: an event whose publish resolved reaches every consumer of its type, also one that is down at the moment.
 *   It may arrive again, so a consumer recognises events by their id.
 * - In order: the events of one key from one relay reach a consumer in the order of publishing. The next one is not handled
 *   before the handler of the previous one resolved. A repeated publish may repeat events from the point of failure on.
 * - No event is dropped: an event whose handler rejects is retried after a while, until the handler resolves. A consumer
 *   sets an event aside by resolving.
 * - Independent: a consumer that fails or is down does not affect the other consumers.
 */
export type Bus = {
  /**
   * Resolves once no crash can lose any of the events. When it rejects, some may have arrived, and the caller must publish
   * the same events again before any later ones.
   */
  publish(events: readonly Event[]): Promise<void>

  /**
   * Once it resolves, the consumer receives every later event of the types; the bus keeps them while the consumer is down.
   * With several subscriptions of one consumer, each event goes to one of them; when that one ends, another takes over.
   * Disposing starts no more handlers and resolves when the running ones have ended.
   */
  subscribe(subscription: Subscription): Promise<AsyncDisposable>

  /** Rejects while the broker cannot be reached. Meanwhile events wait in the outbox, and everything else works. */
  check(): Promise<void>
}

export type Subscription = {
  /** The name of the service, which all its processes share. */
  consumer: string
  types: readonly string[]
  handle(event: Event): Promise<void>
}

/** A bus that owns a connection to its broker. */
export type BrokerBus = Bus & AsyncDisposable

export type BrokerOptions = {
  url: string
  /** The broker keeps events for these from the first publish on, also before they have ever subscribed. */
  consumers: readonly string[]
  log: Pick<Log, 'info' | 'warn'>
}
