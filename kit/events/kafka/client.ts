import type { Consumer, Producer } from '@platformatic/kafka'
import { backoffMs } from '../../async/backoff.ts'
import { withTimeout } from '../../async/timeout.ts'
import type { KafkaTarget } from './target.ts'

const retry = { baseMs: 100, capMs: 2_000 }
const closeMsMax = 2_000

/**
 * The options of all clients. The retries wait about four seconds for a new partition leader. The library's own timeouts
 * have gaps when a network drops every packet, so every caller adds a timeout of its own.
 */
export function clientOptions(target: KafkaTarget) {
  return {
    clientId: 'ego',
    ...target,
    connectTimeout: 3_000,
    retries: 5,
    retryDelay: (_: object, __: string, attempt: number) => backoffMs(attempt, retry),
  }
}

type Client = Pick<Producer, 'connections'> & { close(): Promise<void> }

/** Closes a client within seconds, also when Kafka does not answer. After that it sends nothing more. */
export async function closeClient(client: Client): Promise<void> {
  const sockets = [...client.connections].map(([, connection]) => connection.socket)
  await withTimeout(closeMsMax, client.close()).catch(() => {})
  for (const socket of sockets) socket?.destroy()
}

/** The consumer leaves its group first, so that the other members need not wait for its session to time out. */
export function closeConsumer(consumer: Consumer): Promise<void> {
  return closeClient({ connections: consumer.connections, close: () => consumer.close(true) })
}

/** The library nests errors as `cause` and in AggregateErrors. */
export function hasError(error: unknown, test: (error: Error) => boolean): boolean {
  if (!(error instanceof Error)) return false
  if (test(error) || hasError(error.cause, test)) return true
  return error instanceof AggregateError && error.errors.some((each) => hasError(each, test))
}

export function isRefused(error: unknown): boolean {
  return hasError(error, (each) => 'code' in each && each.code === 'PLT_KFK_AUTHENTICATION')
}
