import type { Consumer, Producer } from '@platformatic/kafka'
import { backoffMs } from '../../async/backoff.ts'
import { withTimeout } from '../../async/timeout.ts'
import type { KafkaTarget } from './target.ts'

const retry = { baseMs: 100, capMs: 2_000 }
const closeMsMax = 2_000

/**
 * What all clients have in common; a leader that moves is waited for, about four seconds. The library's own limits leave
 * gaps, and a network that swallows everything finds them: whoever uses a client sets one more.
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

/** Ends within seconds, also where nobody answers; then nothing of it is sent any more. */
export async function closeClient(client: Client): Promise<void> {
  const sockets = [...client.connections].map(([, connection]) => connection.socket)
  await withTimeout(closeMsMax, client.close()).catch(() => {})
  for (const socket of sockets) socket?.destroy()
}

/** Joined with its group, a consumer says goodbye, so that the others need not wait for its silence. */
export function closeConsumer(consumer: Consumer): Promise<void> {
  return closeClient({ connections: consumer.connections, close: () => consumer.close(true) })
}

/** The library wraps errors by `cause` and in lists. */
export function hasError(error: unknown, test: (error: Error) => boolean): boolean {
  if (!(error instanceof Error)) return false
  if (test(error) || hasError(error.cause, test)) return true
  return error instanceof AggregateError && error.errors.some((each) => hasError(each, test))
}

export function isRefused(error: unknown): boolean {
  return hasError(error, (each) => 'code' in each && each.code === 'PLT_KFK_AUTHENTICATION')
}
