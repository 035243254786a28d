import { withTimeout } from '../../async/timeout.ts'
import { StartError } from '../../process/start-error.ts'
import type { Subscription } from '../bus.ts'
import type { BrokerBus, BrokerOptions } from '../open-bus.ts'
import { keepConnected, type RabbitmqConnection } from './connection.ts'
import { startRabbitmqConsumer } from './consumer.ts'
import { rabbitmqPublisher } from './publisher.ts'
import { topology } from './topology.ts'

export type RabbitmqBusOptions = BrokerOptions & {
  /** Of the names of all exchanges and queues. */
  prefix?: string
}

/** A start goes on without the broker after this; the connection is made later, and nothing is lost until then. */
const startMsMax = 5_000

export async function rabbitmqBus(options: RabbitmqBusOptions): Promise<BrokerBus> {
  const { url, consumers, log, prefix = 'ego' } = options
  const names = topology(prefix)
  await using building = new AsyncDisposableStack()
  const publishing = building.use(keepConnected({ url, log, purpose: 'publish' }))
  await started(publishing.connected)
  const connections = building.move()
  // Apart: a broker that is short of memory stops reading where events come from, and must still hear what is handled.
  let consuming: RabbitmqConnection | null = null
  const subscriptions = new Set<AsyncDisposable>()

  async function subscribe(subscription: Subscription): Promise<AsyncDisposable> {
    consuming ??= connections.use(keepConnected({ url, log, purpose: 'consume' }))
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
    // Away is no reason not to start: the log tells of it, and it is tried again.
    if (error instanceof StartError) throw error
  }
}
