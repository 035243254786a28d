import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import { backoffMs, pause } from '../../async/backoff.ts'
import { withTimeout } from '../../async/timeout.ts'
import type { Log } from '../../process/log.ts'
import type { Subscription } from '../bus.ts'
import { readEvent } from '../event-text.ts'
import { createKeyedQueue, type KeyedQueue } from '../keyed-queue.ts'
import type { RabbitmqConnection } from './connection.ts'
import { declareForConsuming, type Topology } from './topology.ts'

type Options = {
  connection: Pick<RabbitmqConnection, 'next'>
  names: Topology
  subscription: Subscription
  log: Pick<Log, 'warn'>
}

export type RabbitmqConsumer = AsyncDisposable & {
  /** Resolves when the consumer is subscribed for the first time. */
  started: Promise<void>
}

const retry = { baseMs: 200, capMs: 10_000 }
const answerMsMax = 10_000
const closeMsMax = 2_000
/** How many unhandled events the broker delivers at once. */
const unhandledMax = 100

/** Receives events until it is disposed. Subscribes again after losing the connection, the channel or the queue. */
export function startRabbitmqConsumer(options: Options): RabbitmqConsumer {
  const { connection, log, subscription } = options
  const stopping = new AbortController()
  const stopped = Promise.withResolvers<null>()
  const started = Promise.withResolvers<void>()
  const running = run()

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        const model = await Promise.race([connection.next(), stopped.promise])
        if (!model) return
        await using channel = await openChannel(model, options, stopping.signal)
        failures = 0
        started.resolve()
        await Promise.race([channel.ended, stopped.promise])
      } catch (error) {
        failures += 1
        const { consumer } = subscription
        log.warn({ err: error, consumer, failures }, 'A subscription was interrupted.')
      }
      await pause(backoffMs(Math.max(failures, 1), retry), stopping.signal)
    }
  }

  return {
    started: started.promise,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      stopped.resolve(null)
      await running
    },
  }
}

/** Disposing ends the handlers before it closes the channel: until then the broker does not redeliver their events. */
type OpenChannel = AsyncDisposable & {
  /** Resolves when the connection is lost, rejects when the channel itself failed. */
  ended: Promise<void>
}

async function openChannel(
  model: ChannelModel,
  options: Options,
  stopping: AbortSignal,
): Promise<OpenChannel> {
  const { names, subscription, log } = options
  const channel = await withTimeout(answerMsMax, model.createChannel(), stopping)
  const ended = Promise.withResolvers<void>()
  ended.promise.catch(() => {})
  channel.on('error', (error) => ended.reject(error))
  channel.on('close', () => ended.resolve())
  await using building = new AsyncDisposableStack()
  // Rejects when the channel is already closed.
  building.defer(() => withTimeout(closeMsMax, channel.close()).catch(() => {}))
  const work = createKeyedQueue({
    handle: subscription.handle,
    onFailure: (error, { id, type }, tries) =>
      log.warn({ err: error, event_id: id, type, tries }, 'An event failed and will be retried.'),
  })
  building.defer(() => work.close())
  const receive = receiver(channel, work, options)
  await withTimeout(answerMsMax, start(), stopping)
  const opened = building.move()
  return { ended: ended.promise, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }

  async function start(): Promise<void> {
    await declareForConsuming(channel, names, subscription.consumer, subscription.types)
    await channel.prefetch(unhandledMax)
    await channel.consume(names.queueOf(subscription.consumer), (message) => {
      if (message) receive(message)
      else ended.reject(new Error('RabbitMQ has ended the subscription.'))
    })
  }
}

function receiver(channel: Channel, work: KeyedQueue, { subscription, names, log }: Options) {
  const types = new Set(subscription.types)
  return (message: ConsumeMessage) => {
    const event = readEvent(message.content.toString())
    if (!event) {
      const { consumer } = subscription
      log.warn(
        { consumer, queue: names.deadLetters },
        'A message that is not an event was set aside.',
      )
      channel.nack(message, false, false)
    } else if (!types.has(event.type)) channel.ack(message)
    else {
      // Without the ack, because the queue or the channel is closed by then, the event is delivered again.
      const handled = work.handle(event).then(() => channel.ack(message))
      handled.catch(() => {})
    }
  }
}
