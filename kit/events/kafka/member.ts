import { Consumer } from '@platformatic/kafka'
import { withTimeout } from '../../async/timeout.ts'
import { clientOptions, closeConsumer } from './client.ts'
import { type Reader, type ReaderOptions, startReader } from './reader.ts'
import type { KafkaTarget } from './target.ts'

export type MemberOptions = Omit<ReaderOptions, 'consumer' | 'onEnd'> & {
  target: KafkaTarget
  group: string
  signal: AbortSignal
}

/** After this long without a heartbeat, the other processes of the service take over. */
const sessionMs = 10_000
const heartbeatMs = 1_000
/** A member without answers stops this early, before others take over. */
const silenceMsMax = sessionMs - 2 * heartbeatMs
/** While partitions move, an event may be handled twice at the same time when its handler takes longer than this. */
const handoverMsMax = 5_000
const rebalanceMsMax = 15_000

/**
 * Joins a consumer group and handles its events. Resolves when the signal aborts, rejects when the membership fails. In both
 * cases no handler is running any more and the group is left.
 */
export async function runMembership(options: MemberOptions): Promise<void> {
  const { target, group, topic, signal } = options
  let isOver = false
  const ended = Promise.withResolvers<void>()
  const stop = () => ended.resolve()
  signal.addEventListener('abort', stop)
  const consumer = new Consumer({
    ...clientOptions(target),
    groupId: group,
    // Longer than the other members may take to hand over.
    requestTimeout: rebalanceMsMax + 5_000,
    sessionTimeout: sessionMs,
    heartbeatInterval: heartbeatMs,
    rebalanceTimeout: rebalanceMsMax,
    heartbeatStallTimeout: silenceMsMax,
    // Called and awaited before every join: the only place to finish events before other members continue with them.
    protocolsMetadata: async () => {
      await withTimeout(handoverMsMax, readers.stop()).catch(() => {})
      return Buffer.alloc(0)
    },
  })
  const readers = createReaders({ ...options, consumer, onEnd: ended.reject })
  consumer.on('error', ended.reject)
  consumer.on('consumer:heartbeat:stalled', () => ended.reject(new Error('No answer from Kafka.')))
  consumer.on('consumer:group:join', ({ assignments }) => {
    if (isOver) return
    if (assignments?.length === 0) options.onFetching()
    readers.start()
  })
  // A stream that ends untracks its topic, and a consumer cannot join without one.
  consumer.topics.track(topic)
  consumer.joinGroup({}).catch(ended.reject)
  try {
    if (!signal.aborted) await ended.promise
  } finally {
    isOver = true
    signal.removeEventListener('abort', stop)
    await readers.stop()
    await closeConsumer(consumer)
  }
}

/** Each join assigns partitions anew. The previous reader ends before the next one starts. */
function createReaders(options: ReaderOptions) {
  let reader: Reader | null = null
  let last = Promise.resolve()
  let turn = 0

  function stop(): Promise<void> {
    turn += 1
    const ending = reader?.close()
    reader = null
    last = Promise.all([last, ending]).then(() => {})
    return last
  }

  return {
    stop,
    start() {
      const stopped = stop()
      const own = turn
      void stopped.then(() => {
        if (own === turn) reader = startReader(options)
      })
    },
  }
}
