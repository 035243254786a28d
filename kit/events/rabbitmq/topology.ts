import type { Channel } from 'amqplib'

/**
 * What is at the broker, below one prefix: an exchange that takes every event, a queue for each consumer, and the place
 * for what no consumer can take. Declaring is repeated by whoever connects, and changes nothing the second time.
 */
export type Topology = {
  exchange: string
  deadLetters: string
  queueOf(consumer: string): string
}

export function topology(prefix: string): Topology {
  return {
    exchange: `${prefix}.events`,
    deadLetters: `${prefix}.dead`,
    queueOf: (consumer) => `${prefix}.${consumer}`,
  }
}

/** So high that the broker never gives up an event; without a limit, newer ones would put what returns behind the rest. */
const deliveriesMax = 1_000_000_000
const everything = '#'

/** The queue of a consumer that is away receives every type: which ones it wants, only the consumer itself knows. */
export async function declareForPublishing(
  channel: Channel,
  names: Topology,
  consumers: readonly string[],
): Promise<void> {
  await declareExchanges(channel, names)
  for (const consumer of consumers) await declareQueue(channel, names, consumer, [everything])
}

export async function declareForConsuming(
  channel: Channel,
  names: Topology,
  consumer: string,
  types: readonly string[],
): Promise<void> {
  await declareExchanges(channel, names)
  await declareQueue(channel, names, consumer, types)
}

async function declareExchanges(channel: Channel, { exchange, deadLetters }: Topology) {
  await channel.assertExchange(exchange, 'topic', { durable: true })
  await channel.assertExchange(deadLetters, 'fanout', { durable: true })
  await channel.assertQueue(deadLetters, { durable: true, arguments: quorum })
  await channel.bindQueue(deadLetters, deadLetters, '')
}

/** A binding is never taken back: between the old and the new ones an event could be lost. */
async function declareQueue(
  channel: Channel,
  names: Topology,
  consumer: string,
  patterns: readonly string[],
): Promise<void> {
  const queue = names.queueOf(consumer)
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      ...quorum,
      // Of all processes of a consumer one receives, which keeps the order; another takes over when it goes.
      'x-single-active-consumer': true,
      'x-dead-letter-exchange': names.deadLetters,
      // It stays in its queue until the dead letters have it, which the broker does only for queues that never drop.
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  })
  for (const pattern of patterns) await channel.bindQueue(queue, names.exchange, pattern)
}

const quorum = { 'x-queue-type': 'quorum', 'x-delivery-limit': deliveriesMax }
