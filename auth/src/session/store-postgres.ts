import { createBatch, createLockLimiter } from '@ego/kit/async/batch'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { type Part, part } from '@ego/kit/postgres/sql-text'
import { lockOwn } from '../account/lock-postgres.ts'
import { type AccountRow, accountColumns, toAccount } from '../account/store-postgres.ts'
import { appendAudit } from '../audit/store-postgres.ts'
import { endSessions, type OnEnded } from '../revocation/end-sessions-postgres.ts'
import { type Session, sessionsMax } from './session.ts'
import { type SessionRow, startSession, toSession } from './start-postgres.ts'
import type { SessionOwner, SessionStore, StoredSession } from './store.ts'

type SessionTimes = { created_at: Date; last_used_at: Date }
type Rotation = { session: Session; at: Date }
type Rotated = Pick<SessionRow, 'session_id' | 'counter' | 'rotated_at'>

export function postgresSessions(sql: Sql, onEnded: OnEnded): SessionStore {
  const rotateOne = createBatch({
    many: (wanted: readonly Rotation[]) => rotateSessions(sql, wanted),
  })
  const alone = createLockLimiter()

  /** Returns the ids of the sessions that it ended; `null` when the one of the owner has ended. */
  async function endAsOwner(owner: SessionOwner, which: Part) {
    const ids = await sql.begin(async (tx) =>
      (await lockOwn(tx, owner)) ? endSessions(tx, which) : null,
    )
    onEnded(ids ?? [])
    return ids
  }

  return {
    async start(found, session, by, notice) {
      const started = await sql.begin((tx) => startSession(tx, found, session, by, notice))
      if (!started) return null
      onEnded(started.endedIds)
      return { account: started.account, session: started.session }
    },

    find: createBatch({ many: (sessionIds) => findSessions(sql, sessionIds) }),

    async rotate(session, at) {
      // A session whose row is locked is left out of the batch, and waited for here.
      return (await rotateOne({ session, at })) ?? alone(() => rotateSession(sql, session, at))
    },

    async end(userId, sessionId) {
      const ids = await endSessions(sql, part`user_id = ${userId} and session_id = ${sessionId}`)
      onEnded(ids)
      return ids.length > 0
    },

    async endStolen(userId, sessionId, by) {
      const ids = await sql.begin(async (tx) => {
        const ended = await endSessions(tx, part`user_id = ${userId} and session_id = ${sessionId}`)
        if (ended.length > 0) await appendAudit(tx, by, { action: 'session.stolen', userId })
        return ended
      })
      onEnded(ids)
      return ids.length > 0
    },

    async endChosen(owner, chosenSessionId) {
      const which = part`user_id = ${owner.userId} and session_id = ${chosenSessionId}`
      const ids = await endAsOwner(owner, which)
      if (ids === null) return 'session_ended'
      return ids.length > 0 ? 'ended' : 'not_found'
    },

    async endOthers(owner) {
      const which = part`user_id = ${owner.userId} and session_id <> ${owner.sessionId}`
      return (await endAsOwner(owner, which)) ? 'ended' : 'session_ended'
    },

    async list(userId) {
      const rows = await sql<(SessionTimes & { session_id: string; device: string; ip: string })[]>`
        select session_id, device, ip, created_at, last_used_at
        from session
        where user_id = ${userId}
        order by session_id desc
        limit ${sessionsMax}`
      return rows.map((row) => ({
        sessionId: row.session_id,
        device: row.device,
        ip: row.ip,
        createdAt: row.created_at,
        lastUsedAt: row.last_used_at,
      }))
    },
  }
}

async function findSessions(sql: Tx, sessionIds: readonly string[]) {
  const rows = await sql<(SessionRow & SessionTimes & AccountRow)[]>`
    select
      session_id, secret, counter, rotated_at, session.created_at, last_used_at,
      ${accountColumns}
    from session
    join account using (user_id)
    where session_id = any(${[...sessionIds]}::uuid[])`
  const found = new Map(rows.map((row) => [row.session_id, row]))
  return (sessionId: string): StoredSession | null => {
    const row = found.get(sessionId)
    if (!row) return null
    const times = { createdAt: row.created_at, lastUsedAt: row.last_used_at }
    return { ...toSession(row), ...times, account: toAccount(row) }
  }
}

async function rotateSessions(sql: Tx, wanted: readonly Rotation[]) {
  const rows = await sql<Rotated[]>`
    with due as (
      select session.session_id, wanted.at
      from unnest(
        ${wanted.map(({ session }) => session.sessionId)}::uuid[],
        ${wanted.map(({ session }) => session.counter)}::bigint[],
        ${wanted.map(({ at }) => at)}::timestamptz[]
      ) as wanted (session_id, counter, at)
      join session using (session_id, counter)
      for update of session skip locked
    )
    update session
    set counter = counter + 1, rotated_at = due.at, last_used_at = due.at
    from due
    where session.session_id = due.session_id
    returning session.session_id, counter, rotated_at`
  const rotated = new Map(rows.map((row) => [row.session_id, row]))
  return ({ session }: Rotation): Session | null => {
    const row = rotated.get(session.sessionId)
    // Several requests may have come with one token; one with an older token has rotated nothing.
    return row?.counter === session.counter + 1 ? toRotated(session, row) : null
  }
}

async function rotateSession(sql: Tx, session: Session, at: Date): Promise<Session | null> {
  const [row] = await sql<Rotated[]>`
    update session
    set counter = counter + 1, rotated_at = ${at}, last_used_at = ${at}
    where session_id = ${session.sessionId} and counter = ${session.counter}
    returning session_id, counter, rotated_at`
  return row ? toRotated(session, row) : null
}

function toRotated(session: Session, { counter, rotated_at: rotatedAt }: Rotated): Session {
  const { sessionId, secret } = session
  return { sessionId, secret, counter, rotatedAt }
}
