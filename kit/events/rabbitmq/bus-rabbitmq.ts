import { withTimeout } from '../../async/timeout.ts'
import { StartError } from '../../process/start-error.ts'
import type { BrokerBus, BrokerOptions, Subscription } from '../bus.ts'
import { openRabbitmqConnection, type RabbitmqConnection } from './connection.ts'
import { startRabbitmqConsumer } from './consumer.ts'
import { rabbitmqPublisher } from './publisher.ts'
import { createTopology } from './topology.ts'

export type RabbitmqBusOptions = BrokerOptions & {
  /** The prefix of the names of all exchanges and queues. */
  prefix?: string
}

/** A start continues without the broker after this. It connects later, and no event is lost until then. */
const startMsMax = 5_000

export async function rabbitmqBus(options: RabbitmqBusOptions): Promise<BrokerBus> {
  const { url, consumers, log, prefix = 'ego' } = options
  const names = createTopology(prefix)
  await using building = new AsyncDisposableStack()
  const publishing = building.use(openRabbitmqConnection({ url, log, purpose: 'publish' }))
  await started(publishing.connected)
  const connections = building.move()
  // A separate connection: a broker short of memory stops reading from publishers, but must still receive acknowledgements.
  let consuming: RabbitmqConnection | null = null
  const subscriptions = new Set<AsyncDisposable>()

  async function subscribe(subscription: Subscription): Promise<AsyncDisposable> {
    consuming ??= connections.use(openRabbitmqConnection({ url, log, purpose: 'consume' }))
    const consumer = startRabbitmqConsumer({ connection: consuming, names, subscription, log })
    subscriptions.add(consumer)
    await started(consumer.started)
    return {
      async [Symbol.asyncDispose]() {
        await consumer[Symbol.asyncDispose]()
        subscriptions.delete(consumer)
      },
    }
  }

  return {
    publish: rabbitmqPublisher({ connection: publishing, names, consumers }),
    subscribe,
    async check() {
      publishing.current()
      consuming?.current()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...subscriptions].map((one) => one[Symbol.asyncDispose]()))
      await connections.disposeAsync()
    },
  }
}

async function started(work: Promise<void>): Promise<void> {
  try {
    await withTimeout(startMsMax, work)
  } catch (error) {
    // A broker that is down does not stop the start: the connection logs it and reconnects.
    if (error instanceof StartError) throw error
  }
}
