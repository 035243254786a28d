import { createSingleFlight } from '../async/single-flight.ts'
import type { Tx } from '../postgres/postgres.ts'
import type { Metrics } from '../process/metrics.ts'
import { countDeadLetters } from './dead-letters.ts'
import { readOutboxLag } from './outbox.ts'

const everyMs = 1_000

/** Adds the gauges of a service's events: those that wait to be published, and its dead letters. */
export function measureEvents(metrics: Metrics, sql: Tx, consumer: string): void {
  // The gauges of one scrape share their queries, which run only when Prometheus scrapes.
  const measure = createSingleFlight(async () => {
    const lag = await readOutboxLag(sql)
    return { ...lag, deadLetters: await countDeadLetters(sql, consumer) }
  }, everyMs)
  metrics.gauge(
    'outbox_unpublished_events',
    'Events that wait to be published, counted up to 10,000.',
    async () => (await measure()).unpublished,
  )
  metrics.gauge(
    'outbox_oldest_seconds',
    'How long the oldest of them has waited.',
    async () => (await measure()).oldestMs / 1_000,
  )
  metrics.gauge(
    'dead_letters',
    'Events that could not be applied and wait for an operator, counted up to 10,000.',
    async () => (await measure()).deadLetters,
  )
}
