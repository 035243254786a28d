import { compatibilityPartitioner, Producer } from '@platformatic/kafka'
import { withTimeout } from '../../async/timeout.ts'
import { unavailable } from '../../async/unavailable.ts'
import { clientOptions, closeClient } from './client.ts'
import type { Written } from './message.ts'
import type { KafkaTarget } from './target.ts'

export type Publisher = AsyncDisposable & {
  /** Resolves when every in-sync replica has the messages, or rejects within seconds. Those of one key stay in order. */
  send(messages: readonly Written[]): Promise<void>
}

const sendMsMax = 10_000
/** A broker refuses more than a megabyte for one partition, and all events of a key go to one partition. */
const sendBytesMax = 512 * 1024

export function kafkaPublisher(target: KafkaTarget): Publisher {
  let producer: Producer | null = null

  return {
    async send(messages) {
      producer ??= open(target)
      const current = producer
      try {
        await withTimeout(sendMsMax, sendAll(current, messages))
      } catch (error) {
        // This producer may still retry on its own, after the events that the caller repeats.
        if (producer === current) producer = null
        await closeClient(current)
        throw unavailable('Kafka did not take the events.', error)
      }
    },
    async [Symbol.asyncDispose]() {
      if (producer) await closeClient(producer)
    },
  }
}

function open(target: KafkaTarget): Producer {
  return new Producer({
    ...clientOptions(target),
    requestTimeout: 5_000,
    idempotent: true,
    partitioner: compatibilityPartitioner,
  })
}

async function sendAll(producer: Producer, messages: readonly Written[]): Promise<void> {
  let waiting: Written[] = []
  let bytes = 0
  for (const message of messages) {
    const size = message.key.length + message.value.length
    if (waiting.length > 0 && bytes + size > sendBytesMax) {
      await producer.send({ messages: waiting })
      waiting = []
      bytes = 0
    }
    waiting.push(message)
    bytes += size
  }
  if (waiting.length > 0) await producer.send({ messages: waiting })
}
