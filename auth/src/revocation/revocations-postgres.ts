import { repeat } from '@ego/kit/async/repeat'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import type { Log } from '@ego/kit/process/log'
import { openListener } from '../postgres/listener-postgres.ts'
import { revokedMs, sessionEnded } from './end-sessions-postgres.ts'
import type { Revocations } from './revocations.ts'

const forgetEveryMs = 1_000

type Deps = { sql: Sql; log: Log; now: () => number }

/** Holds the revoked sessions in memory. Listens first and loads then, so that nothing is missed in between. */
export async function postgresRevocations({ sql, log, now }: Deps): Promise<Revocations> {
  const revoked = new Map<string, number>()
  let isCurrent = false
  const listener = await openListener({
    sql,
    log,
    channel: sessionEnded,
    purpose: 'revocations',
    lostText: 'ended sessions are not announced; verify asks the database',
    async onListening(tx) {
      for (const { session_id, expires_at } of await listRevoked(tx)) {
        revoked.set(session_id, expires_at.getTime())
      }
      isCurrent = true
    },
    onNotify: (payload) => note(payload.split(',')),
    onLost: () => {
      isCurrent = false
    },
  })
  const forgetting = repeat({
    everyMs: forgetEveryMs,
    work: forgetExpired,
    onError: (error) => log.warn({ err: error }, 'ended sessions are not forgotten'),
  })

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
      await forgetting[Symbol.asyncDispose]()
      await listener[Symbol.asyncDispose]()
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
