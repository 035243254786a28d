import type { ChannelModel, ConfirmChannel } from 'amqplib'
import { withTimeout } from '../../async/timeout.ts'
import { unavailable } from '../../async/unavailable.ts'
import type { Event } from '../event.ts'
import { writeEvent } from '../event-text.ts'
import type { RabbitmqConnection } from './connection.ts'
import { declareForPublishing, type Topology } from './topology.ts'

type Options = {
  connection: RabbitmqConnection
  names: Topology
  consumers: readonly string[]
}

type Opened = { model: ChannelModel; channel: Promise<ConfirmChannel> }

/** For each batch of unconfirmed events. */
const confirmMsMax = 10_000
/** How many events may be unconfirmed at once. */
const unconfirmedMax = 200

export function rabbitmqPublisher({ connection, names, consumers }: Options) {
  let opened: Opened | null = null

  /** A new channel declares the exchanges and queues before the first event. */
  function open(model: ChannelModel): Opened {
    if (opened?.model === model) return opened
    const channel = openChannel(model, names, consumers, () => forget(current))
    const current = { model, channel }
    channel.catch(() => forget(current))
    opened = current
    return current
  }

  function forget(old: Opened): void {
    if (opened === old) opened = null
  }

  return async (events: readonly Event[]): Promise<void> => {
    if (events.length === 0) return
    const current = open(connection.current())
    try {
      await publishAll(await withTimeout(confirmMsMax, current.channel), names.exchange, events)
    } catch (error) {
      // Closing the channel drops its unconfirmed events, so that retries do not pile up while the broker hangs.
      forget(current)
      current.channel.then((channel) => channel.close()).catch(() => {})
      throw unavailable('RabbitMQ did not confirm the events.', error)
    }
  }
}

async function openChannel(
  model: ChannelModel,
  names: Topology,
  consumers: readonly string[],
  onClose: () => void,
): Promise<ConfirmChannel> {
  const channel = await model.createConfirmChannel()
  // Callers that wait for a reply or a confirmation get the error. Without a listener, the event would end the process.
  channel.on('error', () => {})
  channel.on('close', onClose)
  await declareForPublishing(channel, names, consumers)
  return channel
}

async function publishAll(
  channel: ConfirmChannel,
  exchange: string,
  events: readonly Event[],
): Promise<void> {
  for (let at = 0; at < events.length; at += unconfirmedMax) {
    const batch = events.slice(at, at + unconfirmedMax)
    const confirmed = Promise.all(batch.map((event) => publish(channel, exchange, event)))
    await withTimeout(confirmMsMax, confirmed)
  }
}

/** Resolves when every queue has stored the event on disk. */
function publish(channel: ConfirmChannel, exchange: string, event: Event): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.publish(
      exchange,
      event.type,
      Buffer.from(writeEvent(event)),
      { persistent: true, messageId: event.id, contentType: 'application/json' },
      (error) => (error ? reject(error) : resolve()),
    )
  })
}
