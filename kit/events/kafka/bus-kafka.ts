import { Admin } from '@platformatic/kafka'
import { backoffMs, pause } from '../../async/backoff.ts'
import { withTimeout } from '../../async/timeout.ts'
import { unavailable } from '../../async/unavailable.ts'
import { StartError } from '../../process/start-error.ts'
import type { BrokerBus, BrokerOptions } from '../bus.ts'
import { clientOptions, closeClient, isRefused } from './client.ts'
import { startKafkaConsumer } from './consumer.ts'
import { messageOf } from './message.ts'
import { createPresence, type Presence } from './presence.ts'
import { kafkaPublisher } from './publisher.ts'
import { kafkaTarget } from './target.ts'
import { kafkaTopics, type ReadyTopics } from './topics.ts'

export type KafkaBusOptions = Omit<BrokerOptions, 'consumers'> & {
  /** The prefix of the names of topics and groups. */
  prefix?: string
}

/** A start waits this long for Kafka, and then continues without it. */
const startMsMax = 5_000
const checkMsMax = 3_000
const retry = { baseMs: 200, capMs: 10_000 }

/**
 * One topic holds all events, partitioned by key, and each consumer is a group. The topic keeps events for consumers that
 * have not subscribed yet, so they need not be declared. While Kafka is down, publishing rejects and consumers retry.
 */
export async function kafkaBus({ url, log, prefix = 'ego' }: KafkaBusOptions): Promise<BrokerBus> {
  const target = kafkaTarget(url)
  const presence = createPresence(log)
  const stopping = new AbortController()
  await using building = new AsyncDisposableStack()
  const admin = new Admin({ ...clientOptions(target), retries: 0, requestTimeout: 5_000 })
  const topics = kafkaTopics(admin, prefix)
  const publisher = kafkaPublisher(target)
  building.defer(async () => {
    await Promise.all([publisher[Symbol.asyncDispose](), closeClient(admin)])
  })
  const subscriptions = new Set<AsyncDisposable>()
  building.defer(async () => {
    stopping.abort()
    await Promise.all([...subscriptions].map((each) => each[Symbol.asyncDispose]()))
  })
  await connect({ topics, presence, signal: stopping.signal })
  const open = building.move()

  return {
    async publish(events) {
      if (events.length === 0) return
      try {
        await topics.ready()
        await publisher.send(events.map((event) => messageOf(topics.events, event)))
        presence.back(publisher)
      } catch (error) {
        topics.forget()
        presence.lost(publisher, error)
        throw unavailable('Kafka did not take the events.', error)
      }
    },

    async subscribe(subscription) {
      const context = { target, topics, publisher, presence, prefix, log }
      const consumer = startKafkaConsumer(context, subscription)
      subscriptions.add(consumer)
      return {
        async [Symbol.asyncDispose]() {
          await consumer[Symbol.asyncDispose]()
          subscriptions.delete(consumer)
        },
      }
    },

    async check() {
      try {
        const asked = { topics: [topics.events], forceUpdate: true }
        await withTimeout(checkMsMax, admin.metadata(asked))
      } catch (error) {
        throw unavailable('Kafka does not answer.', error)
      }
    },

    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

type Connecting = { topics: ReadyTopics; presence: Presence; signal: AbortSignal }

/** Resolves when Kafka answers, or after `startMsMax`; then it keeps trying in the background. */
async function connect({ topics, presence, signal }: Connecting): Promise<void> {
  let isStarting = true

  async function keepTrying(): Promise<void> {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await topics.ready()
        return presence.back(topics)
      } catch (error) {
        if (isStarting && isRefused(error)) {
          throw new StartError('EVENTS_URL: Kafka refuses the user or the password.', {
            cause: error,
          })
        }
        presence.lost(topics, error)
        await pause(backoffMs(failures, retry), signal)
      }
    }
  }

  const waited = new AbortController()
  await Promise.race([keepTrying(), pause(startMsMax, waited.signal)]).finally(() => {
    isStarting = false
    waited.abort()
  })
}
