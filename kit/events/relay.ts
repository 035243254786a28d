import { backoffMs, pause } from '../async/backoff.ts'
import { createSignal, type Signal } from '../async/signal.ts'
import { withTimeout } from '../async/timeout.ts'
import { lockClass, relayLocks } from '../postgres/advisory-locks.ts'
import type { Sql, Tx } from '../postgres/postgres.ts'
import type { Log } from '../process/log.ts'
import type { Bus } from './bus.ts'
import { listUnpublished, markPublished, sweepOutbox } from './outbox.ts'

export type RelayOptions = {
  sql: Sql
  bus: Pick<Bus, 'publish'>
  log: Pick<Log, 'info' | 'warn'>
  /** The interval between polls, which catch a lost notification and decide how soon another process takes over. */
  pollMs?: number
  batch?: number
  keepPublishedMs?: number
}

const dayMs = 86_400_000
const sweepEveryMs = 60_000
const sweepBatch = 1_000
const retry = { baseMs: 100, capMs: 10_000 }
/** While a writer is about to commit, the relay cannot sleep and polls at this interval. */
const busyPoll = { baseMs: 2, capMs: 50 }
const stopMsMax = 2_000

/**
 * Publishes the outbox to the bus, in order, at least once. Each process of a service starts a relay, and the one that holds
 * the lock is the leader. A failure of the bus or of Postgres releases the lock, so another process may succeed.
 */
export function startRelay(options: RelayOptions): AsyncDisposable {
  const { sql, log, pollMs = 1_000 } = options
  const stopping = new AbortController()
  const wakeUp = createSignal()
  const running = run()

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        await using session = await openLeaderSession(sql, wakeUp.notify)
        while (!stopping.signal.aborted && !(await session.tryLead())) await wakeUp.wait(pollMs)
        const onPublished = () => {
          if (failures > 0) log.info({ failures }, 'The outbox is published again.')
          failures = 0
        }
        await publishAll(session, wakeUp, { ...options, onPublished, signal: stopping.signal })
      } catch (error) {
        failures += 1
        log.warn({ err: error, failures }, 'Events wait in the outbox.')
        await pause(backoffMs(failures, retry), stopping.signal)
      }
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      wakeUp.notify()
      // A bus that hangs must not use up the time to drain. Events that it may have accepted are published again.
      await withTimeout(stopMsMax, running).catch(() => {})
    },
  }
}

type Work = RelayOptions & { onPublished(): void; signal: AbortSignal }

async function publishAll(session: LeaderSession, wakeUp: Signal, work: Work): Promise<void> {
  const { bus, batch = 100 } = work
  let sweepAt = 0
  let idleTurns = 0
  while (!work.signal.aborted && session.isOpen()) {
    const rows = await listUnpublished(session.sql, batch)
    if (rows.length > 0) {
      await bus.publish(rows.map((row) => row.event))
      await markPublished(session.sql, rows)
      work.onPublished()
      idleTurns = 0
    } else if (performance.now() >= sweepAt) {
      const swept = await sweepOutbox(session.sql, work.keepPublishedMs ?? 7 * dayMs, sweepBatch)
      if (swept === 0) sweepAt = performance.now() + sweepEveryMs
    } else {
      idleTurns += 1
      await sleepUntilWork(session, wakeUp, work.pollMs ?? 1_000, idleTurns)
    }
  }
}

async function sleepUntilWork(
  session: LeaderSession,
  wakeUp: Signal,
  pollMs: number,
  turns: number,
): Promise<void> {
  if (!(await session.trySleep())) return wakeUp.wait(Math.min(pollMs, backoffMs(turns, busyPoll)))
  // Writers did not notify before this moment, so look for rows that were committed until now.
  const [row] = await listUnpublished(session.sql, 1)
  if (!row) await wakeUp.wait(pollMs)
  await session.wakeUp()
}

type LeaderSession = AsyncDisposable & {
  sql: Tx
  isOpen(): boolean
  tryLead(): Promise<boolean>
  trySleep(): Promise<boolean>
  wakeUp(): Promise<void>
}

/** One connection holds the locks, listens, reads and marks, so that all of these end together. */
async function openLeaderSession(pool: Sql, notify: () => void): Promise<LeaderSession> {
  let isOpen = true
  const session = await pool.openSession({
    purpose: 'relay',
    onNotify: notify,
    onClose: () => {
      isOpen = false
      notify()
    },
  })
  const { sql } = session
  return {
    sql,
    isOpen: () => isOpen,
    async tryLead() {
      // Not the waiting form: a statement that waits for hours would hold back vacuum.
      const [lock] = await sql<[{ taken: boolean }]>`
        select pg_try_advisory_lock(${lockClass}, ${relayLocks.lead}) as taken`
      if (lock.taken) await sql`listen outbox`
      return lock.taken
    },
    async trySleep() {
      const [lock] = await sql<[{ taken: boolean }]>`
        select pg_try_advisory_lock(${lockClass}, ${relayLocks.sleep}) as taken`
      return lock.taken
    },
    async wakeUp() {
      await sql`select pg_advisory_unlock(${lockClass}, ${relayLocks.sleep})`
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}
