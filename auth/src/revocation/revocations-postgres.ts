import { backoffMs, pause } from '@ego/kit/backoff'
import type { Log } from '@ego/kit/log'
import type { Session, Sql, Tx } from '@ego/kit/postgres'
import { revokedMs, sessionEnded } from './end-sessions-postgres.ts'
import type { Revocations } from './revocations.ts'

const retry = { baseMs: 50, capMs: 2_000 }
const heartbeatMs = 1_000
const silenceMsMax = 2_000

type Deps = { sql: Sql; log: Log; now: () => number }

/**
 * Holds the live set in memory. It listens first and loads then, so nothing is missed in between; a heartbeat notices a
 * connection that has died without a word.
 */
export async function postgresRevocations({ sql, log, now }: Deps): Promise<Revocations> {
  const revoked = new Map<string, number>()
  const stopping = new AbortController()
  let isCurrent = false
  let session: Session | null = await openListener()
  const running = run()

  async function openListener(): Promise<Session> {
    const opened = await sql.openSession({
      purpose: 'revocations',
      onNotify: (payload) => note(payload.split(',')),
      onClose: () => {
        isCurrent = false
      },
    })
    try {
      await opened.sql.script(`listen ${sessionEnded}`)
      forgetExpired()
      for (const { session_id, expires_at } of await listRevoked(opened.sql)) {
        revoked.set(session_id, expires_at.getTime())
      }
      isCurrent = true
      return opened
    } catch (error) {
      await opened[Symbol.asyncDispose]()
      throw error
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        session ??= await openListener()
        failures = 0
        await pause(heartbeatMs, stopping.signal)
        await heartbeat(session)
        if (!isCurrent) throw new Error('The connection that listens was closed.')
        forgetExpired()
      } catch (error) {
        isCurrent = false
        failures += 1
        log.warn(
          { err: error, failures },
          'verify asks the database: nobody tells of ended sessions',
        )
        const lost = session
        session = null
        await lost?.[Symbol.asyncDispose]()
        await pause(backoffMs(failures, retry), stopping.signal)
      }
    }
  }

  function note(sessionIds: readonly string[]): void {
    const expiresAtMs = now() + revokedMs
    for (const id of sessionIds) revoked.set(id, expiresAtMs)
  }

  function forgetExpired(): void {
    for (const [id, expiresAtMs] of revoked) if (expiresAtMs <= now()) revoked.delete(id)
  }

  return {
    note,
    isSurelyAlive: (sessionId) => isCurrent && !revoked.has(sessionId),
    async isRevoked(sessionId) {
      if (revoked.has(sessionId)) return true
      return isCurrent ? false : isEnded(sql, sessionId)
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
      await session?.[Symbol.asyncDispose]()
    },
  }
}

async function listRevoked(sql: Tx) {
  return sql<{ session_id: string; expires_at: Date }[]>`
    select session_id, expires_at
    from revocation
    where expires_at > now()`
}

/** A session that has no row has ended, however long ago. */
async function isEnded(sql: Tx, sessionId: string): Promise<boolean> {
  const [row] = await sql`
    select 1
    from session
    where session_id = ${sessionId}`
  return row === undefined
}

async function heartbeat(session: Session): Promise<void> {
  const silence = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => silence.reject(new Error('The connection that listens is silent.')),
    silenceMsMax,
  )
  try {
    await Promise.race([session.sql`select 1`, silence.promise])
  } finally {
    clearTimeout(timer)
  }
}
