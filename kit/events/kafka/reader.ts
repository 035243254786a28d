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
  /** Resolves when what is no event is put aside. */
  bury(message: Found): Promise<void>
  /** Told once messages are fetched, and once when no more can be. */
  onFetching(): void
  onEnd(error: unknown): void
}

/** Starts no handler any more, resolves when those under way have ended, and says how far they came. */
export type Reader = { close(): Promise<void> }

const waitingMax = 200
const bufferMax = 100
const fetchBytesMax = 1024 * 1024
const fetchMsMax = 3_000
const commitEveryMs = 100
const commitMsMax = 3_000
const closeMsMax = 3_000

/** Handles what one membership gives, from where the group last was; a group that never was reads from the beginning. */
export function startReader(options: ReaderOptions): Reader {
  const { consumer, topic, types, bury, onEnd } = options
  const closing = new AbortController()
  const { signal } = closing
  const generation = consumer.generationId
  const offsets = createOffsets()
  const room = createSignal()
  const line = createKeyedQueue(options)
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
      while (offsets.waiting() >= waitingMax && !signal.aborted) await room.wait(1_000)
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
      line.handle(event).then(
        () => {
          handled()
          room.notify()
        },
        () => {},
      )
      return
    }
    if (!event) await bury(message)
    handled()
  }

  async function commitOften(): Promise<void> {
    while (!signal.aborted) {
      await pause(commitEveryMs, signal)
      if (!signal.aborted) await commit()
    }
  }

  async function commit(): Promise<void> {
    // Once others may have read on, it would set them back.
    if (consumer.memberId === null || consumer.generationId !== generation) return
    const commits = offsets.commits()
    if (commits.length > 0) await withTimeout(commitMsMax, consumer.commit({ offsets: commits }))
  }

  return {
    async close() {
      closing.abort()
      room.notify()
      stream?.destroy()
      await line.close()
      // A stream that cannot close its connections never ends; nothing that it still gives is handled. Who reads next repeats
      // what could not be said.
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
  // Nobody iterates any more when the last of its requests fails.
  return stream.on('error', () => {})
}
