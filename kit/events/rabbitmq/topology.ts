import type { Channel } from 'amqplib'

/**
 * The names at the broker under one prefix: an exchange for every event, a queue for each consumer, and an exchange with a
 * queue for messages that no consumer can handle. Every connection declares them again, which changes nothing.
 */
export type Topology = {
  exchange: string
  deadLetters: string
  queueOf(consumer: string): string
}

export function createTopology(prefix: string): Topology {
  return {
    exchange: `${prefix}.events`,
    deadLetters: `${prefix}.dead`,
    queueOf: (consumer) => `${prefix}.${consumer}`,
  }
}

/** So high that the broker never drops an event. Without a limit, newer versions requeue a returned event at the end. */
const deliveriesMax = 1_000_000_000
const everything = '#'

/** A publisher binds every queue to every type, because only the consumer itself knows which types it handles. */
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

/** Bindings are never removed: an event could be lost between the old and the new ones. */
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
      // Only one process of a consumer receives, which keeps the order. Another takes over when it ends.
      'x-single-active-consumer': true,
      'x-dead-letter-exchange': names.deadLetters,
      // A message stays in its queue until the dead letter queue has it, which requires an overflow that never drops messages.
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  })
  for (const pattern of patterns) await channel.bindQueue(queue, names.exchange, pattern)
}

const quorum = { 'x-queue-type': 'quorum', 'x-delivery-limit': deliveriesMax }
