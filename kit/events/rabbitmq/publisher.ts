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

/** For what is on its way at once, however many events there are. */
const confirmMsMax = 10_000
/** So many are on their way at once; the others wait on our side. */
const unconfirmedMax = 200

export function rabbitmqPublisher({ connection, names, consumers }: Options) {
  let opened: Opened | null = null

  /** Everything that must exist has been declared on a channel before the first event goes through it. */
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
      // What is still unconfirmed goes with its channel, so tries while the broker hangs do not pile up there.
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
  // Whoever waits for a reply or a confirmation gets the error; unheard, it would end the process.
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

/** Resolves when every queue has the event on its disks. */
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
