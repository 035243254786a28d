import { createSingleFlight } from '@ego/kit/async/single-flight'
import type { Metrics } from '@ego/kit/process/metrics'
import type { MessageStore } from './store.ts'

const everyMs = 1_000

/** The gauges of one scrape share a look at the database. */
export function measureMessages(
  metrics: Pick<Metrics, 'gauge'>,
  messages: Pick<MessageStore, 'measure'>,
  now: () => number,
): void {
  const measure = createSingleFlight(() => messages.measure(), everyMs)
  const ageSeconds = async () => {
    const { oldestAt } = await measure()
    return oldestAt ? Math.max(0, now() - oldestAt.getTime()) / 1_000 : 0
  }
  const waiting = async () => (await measure()).waiting
  const dead = async () => (await measure()).dead
  metrics.gauge('mail_queue_messages', 'Mails that wait to be sent.', waiting)
  metrics.gauge('mail_queue_oldest_seconds', 'How long the oldest has waited.', ageSeconds)
  metrics.gauge('mail_dead_messages', 'Mails that were given up.', dead)
}
