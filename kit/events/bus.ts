import type { Event } from './event.ts'

/**
 * Carries events from the relays to the consumers.
 *
 * - At least once: an event whose publish resolved reaches every consumer of its type, also one that is away for now.
 *   It may arrive again, so a consumer knows events by their id.
 * - In order: the events of one key from one relay reach a consumer in the order of publishing; the next one is not
 *   handled before the handler of the last one resolved. A repeated publish may repeat events, from where it failed on.
 * - Nothing is given up: an event whose handler rejects is handled again, after a while, until it resolves. Putting a
 *   hopeless event aside is the consumer's decision, and it does that by resolving.
 * - Apart: a consumer that fails or is away changes nothing for another consumer of the same publish.
 */
export type Bus = {
  /**
   * Resolves once no event can be lost any more, whoever dies. Rejects otherwise; then some may have arrived, and the
   * caller publishes the same events again before any later ones.
   */
  publish(events: readonly Event[]): Promise<void>

  /**
   * From when it resolves, the consumer receives every event of the types, for ever: what comes while it is away is
   * kept. Of several subscriptions of one consumer each event goes to one; when that one goes, another carries on.
   * Disposing resolves when the handlers under way have ended, and starts no more of them.
   */
  subscribe(subscription: Subscription): Promise<AsyncDisposable>

  /** Rejects while the broker cannot be reached. Events wait in the outbox then, and nothing else is held up. */
  check(): Promise<void>
}

export type Subscription = {
  /** Names the service, not the process. */
  consumer: string
  types: readonly string[]
  handle(event: Event): Promise<void>
}
