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

/** After this long without a word from a process, the others of its service take its events over. */
const sessionMs = 10_000
const heartbeatMs = 1_000
/** Who hears nothing any more stops before others take over. */
const silenceMsMax = sessionMs - 2 * heartbeatMs
/** A handler that takes longer than this while partitions move may see its event handled twice at the same time. */
const handoverMsMax = 5_000
const rebalanceMsMax = 15_000

/**
 * One membership of a consumer in its group. Resolves once the signal aborts, rejects when the membership fails; either
 * way no handler is under way any more, and the group is left.
 */
export async function beMember(options: MemberOptions): Promise<void> {
  const { target, group, topic, signal } = options
  let isOver = false
  const ended = Promise.withResolvers<void>()
  const stop = () => ended.resolve()
  signal.addEventListener('abort', stop)
  const consumer = new Consumer({
    ...clientOptions(target),
    groupId: group,
    // Longer than the others of a group may take to hand over.
    requestTimeout: rebalanceMsMax + 5_000,
    sessionTimeout: sessionMs,
    heartbeatInterval: heartbeatMs,
    rebalanceTimeout: rebalanceMsMax,
    heartbeatStallTimeout: silenceMsMax,
    // Called before every joining, and waited for: the one place to finish what others are about to go on with.
    protocolsMetadata: async () => {
      await withTimeout(handoverMsMax, readers.stop()).catch(() => {})
      return Buffer.alloc(0)
    },
  })
  const readers = oneReader({ ...options, consumer, onEnd: ended.reject })
  consumer.on('error', ended.reject)
  consumer.on('consumer:heartbeat:stalled', () => ended.reject(new Error('No answer from Kafka.')))
  consumer.on('consumer:group:join', ({ assignments }) => {
    if (isOver) return
    if (assignments?.length === 0) options.onFetching()
    readers.start()
  })
  // A stream that ends gives its topic back, and nobody may join without one.
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

/** Each joining gives partitions anew. The reader of the last time ends before the next one starts. */
function oneReader(options: ReaderOptions) {
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
