import { randomUUID } from 'node:crypto'
import { backoffMs, pause } from '../backoff.ts'
import type { Subscription } from '../bus.ts'
import type { Log } from '../log.ts'
import { repeat } from '../repeat.ts'
import type { RedisConnection } from './connection.ts'
import type { RedisStream } from './stream.ts'
import { openHands } from './stream-hands.ts'
import { type Lease, takeLease } from './stream-lease.ts'

export type MemberOptions = {
  stream: RedisStream
  subscription: Subscription
  /** Whose groups are there from the first event on. */
  consumers: readonly string[]
  log: Pick<Log, 'warn'>
  /** A connection of its own, since whoever waits on it holds up everything behind. */
  connectWaiter(): Promise<RedisConnection>
  leaseMs: number
  trimEveryMs: number
}

/** How long a wait for new entries may block. */
export const blockMs = 5_000
/** How soon another member carries on when one has gone. */
const leasePollMs = 500
const retry = { baseMs: 100, capMs: 2_000 }

/**
 * One of the subscriptions of a consumer, of which one at a time reads: Redis would hand the entries of one key to several
 * of them at once. It takes over what those before it have left, and then reads what is new.
 */
export function startMember(options: MemberOptions): AsyncDisposable {
  const { stream, subscription, log, leaseMs } = options
  const { consumer } = subscription
  const stopping = new AbortController()
  const { signal } = stopping
  const lease = { stream, consumer, member: randomUUID(), leaseMs }
  const running = run()

  async function run(): Promise<void> {
    let failures = 0
    const onRead = () => {
      failures = 0
    }
    while (!signal.aborted) {
      try {
        await takeTurn(onRead)
      } catch (error) {
        failures += 1
        if (failures === 1) log.warn({ err: error, consumer }, 'Events are not read for now.')
        await pause(backoffMs(failures, retry), signal)
      }
    }
  }

  async function takeTurn(onRead: () => void): Promise<void> {
    await using held = await takeLease(lease)
    if (!held) return pause(leasePollMs, signal)
    await readAll(held, { ...options, signal, onRead })
    if (held.lost.aborted) log.warn({ consumer }, 'Another process may read its events now.')
  }

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

type Reading = MemberOptions & { signal: AbortSignal; onRead(): void }

/** Until the lease is lost, the subscription ends, or something fails. Resolves or rejects without a handler under way. */
async function readAll(lease: Lease, options: Reading): Promise<void> {
  const { stream, connectWaiter, onRead } = options
  await stream.addGroups(groupsOf(options))
  await using waiter = await connectWaiter()
  await using hands = openHands(lease, options)
  await using _trimming = trimAlways(options)
  let claimFrom: string | null = '0-0'
  for (let room = await hands.room(); room > 0; room = await hands.room()) {
    if (claimFrom !== null) {
      const claimed = await stream.claim(lease.lead, claimFrom, room)
      if (!claimed) return
      hands.take(claimed.entries)
      claimFrom = claimed.next
      continue
    }
    const page = await stream.read(lease.lead, room)
    if (!page) return
    onRead()
    hands.take(page.entries)
    if (page.entries.length === 0) {
      await unlessEnded(stream.waitAfter(waiter, page.next, blockMs), hands.ended)
    }
  }
  hands.throwIfFailed()
}

function groupsOf({ consumers, subscription }: MemberOptions): Set<string> {
  return new Set([...consumers, subscription.consumer])
}

function trimAlways({ stream, consumers, log, trimEveryMs }: MemberOptions): AsyncDisposable {
  return repeat({
    everyMs: trimEveryMs,
    async work(signal) {
      // Redis removes a bounded number in one go.
      while (!signal.aborted && (await stream.trim(consumers)) > 0);
    },
    onError: (error) => log.warn({ err: error }, 'The stream of events was not trimmed.'),
  })
}

/** Resolves at the end too, whatever becomes of the work. */
async function unlessEnded(work: Promise<void>, ended: AbortSignal): Promise<void> {
  const end = Promise.withResolvers<void>()
  const resolve = () => end.resolve()
  if (ended.aborted) resolve()
  ended.addEventListener('abort', resolve)
  try {
    await Promise.race([work, end.promise])
  } finally {
    ended.removeEventListener('abort', resolve)
  }
}
