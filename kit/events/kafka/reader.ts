import type { Consumer, Message, MessagesStream } from '@platformatic/kafka'
import { pause } from '../../async/backoff.ts'
import { createSignal } from '../../async/signal.ts'
import { withTimeout } from '../../async/timeout.ts'
import type { Event } from '../event.ts'
import { readEvent } from '../event-text.ts'
import { createKeyedQueue } from '../keyed-queue.ts'
import { createOffsets } from './offsets.ts'

export type Found = Message<Buffer, Buffer, Buffer, Buffer>

export type ReaderOptions = {
  consumer: Consumer
  topic: string
  types: ReadonlySet<string>
  handle(event: Event): Promise<void>
  onFailure(error: unknown, event: Event, tries: number): void
  /** Resolves when a message that is not an event is stored elsewhere. */
  setAside(message: Found): Promise<void>
  /** Called once when messages are fetched. */
  onFetching(): void
  /** Called once when no more can be fetched. */
  onEnd(error: unknown): void
}

/** Closing starts no more handlers, and resolves when the running ones have ended and their offsets are committed. */
export type Reader = { close(): Promise<void> }

const waitingMax = 200
const bufferMax = 100
const fetchBytesMax = 1024 * 1024
const fetchMsMax = 3_000
const commitEveryMs = 100
const commitMsMax = 3_000
const closeMsMax = 3_000

/** Handles the events of one membership, from the committed offset on. A new group reads from the beginning. */
export function startReader(options: ReaderOptions): Reader {
  const { consumer, topic, types, setAside, onEnd } = options
  const closing = new AbortController()
  const { signal } = closing
  const generation = consumer.generationId
  const offsets = createOffsets()
  const handledOne = createSignal()
  const queue = createKeyedQueue(options)
  let stream: MessagesStream<Buffer, Buffer, Buffer, Buffer> | null = null
  const running = [read(), commitOften()].map((work) =>
    work.catch((error: unknown) => {
      if (!signal.aborted) onEnd(error)
    }),
  )

  async function read(): Promise<void> {
    stream = await openStream(consumer, topic)
    stream.once('fetch', () => setImmediate(() => stream?.destroyed || options.onFetching()))
    if (signal.aborted) stream.destroy()
    for await (const message of stream) {
      await take(message)
      while (offsets.waiting() >= waitingMax && !signal.aborted) await handledOne.wait(1_000)
      if (signal.aborted) return
    }
    throw new Error('Kafka sends no more messages.')
  }

  async function take(message: Found): Promise<void> {
    if (signal.aborted) return
    const { partition, offset, leaderEpoch } = message
    const handled = offsets.take({ topic, partition, offset, leaderEpoch })
    const event = readEvent(String(message.value))
    if (event && types.has(event.type)) {
      queue.handle(event).then(
        () => {
          handled()
          handledOne.notify()
        },
        () => {},
      )
      return
    }
    if (!event) await setAside(message)
    handled()
  }

  async function commitOften(): Promise<void> {
    while (!signal.aborted) {
      await pause(commitEveryMs, signal)
      if (!signal.aborted) await commit()
    }
  }

  async function commit(): Promise<void> {
    // After a rebalance, this commit would set the other members back.
    if (consumer.memberId === null || consumer.generationId !== generation) return
    const commits = offsets.commits()
    if (commits.length > 0) await withTimeout(commitMsMax, consumer.commit({ offsets: commits }))
  }

  return {
    async close() {
      closing.abort()
      handledOne.notify()
      stream?.destroy()
      await queue.close()
      // A stream that cannot close its connections never ends; its messages are no longer handled. The next reader repeats
      // events whose offsets could not be committed.
      await Promise.allSettled([withTimeout(closeMsMax, Promise.all(running)), commit()])
    },
  }
}

async function openStream(consumer: Consumer, topic: string) {
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'committed',
    fallbackMode: 'earliest',
    autocommit: false,
    highWaterMark: bufferMax,
    maxBytes: fetchBytesMax,
    maxWaitTime: fetchMsMax,
  })
  // The last request may fail when the stream is no longer iterated.
  return stream.on('error', () => {})
}
