import { createBatch, createLockLimiter } from '@ego/kit/async/batch'
import type { Sql } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import { lockOwn } from '../account/lock-postgres.ts'
import { appendAudit } from '../audit/store-postgres.ts'
import { requestMail } from '../mail-token/outbox-postgres.ts'
import { endSessions, type OnEnded } from '../revocation/end-sessions-postgres.ts'
import { findSessions, type Rotation, rotateSession, rotateSessions } from './rotate-postgres.ts'
import type { SessionTimes } from './row-postgres.ts'
import { sessionsMax } from './session.ts'
import { countOthers, insertSession, lockKnown, makeRoom } from './start-postgres.ts'
import type { SessionStore } from './store.ts'

export function postgresSessions(sql: Sql, onEnded: OnEnded): SessionStore {
  const rotateOne = createBatch({
    many: (wanted: readonly Rotation[]) => rotateSessions(sql, wanted),
  })
  const alone = createLockLimiter()
  return {
    async start(known, session, by, notice) {
      const { userId } = known.account
      const started = await sql.begin(async (tx) => {
        const account = await lockKnown(tx, known)
        if (!account) return null
        const { others, same } = await countOthers(tx, userId, session.device)
        // Without any session there is nothing to compare with: the first sign-in after all have ended is not news.
        const isNewDevice = others > 0 && same === 0
        if (isNewDevice) await requestMail(tx, userId, await notice(), by.requestId)
        const endedIds = others < sessionsMax ? [] : await makeRoom(tx, userId)
        const started = await insertSession(tx, userId, session, by, 'session.started')
        return { account, session: started, endedIds }
      })
      if (!started) return null
      onEnded(started.endedIds)
      return { account: started.account, session: started.session }
    },

    find: createBatch({ many: (sessionIds) => findSessions(sql, sessionIds) }),

    async rotate(session, at) {
      // One whose row is locked is left out there, and waited for here.
      return (await rotateOne({ session, at })) ?? alone(() => rotateSession(sql, session, at))
    },

    async end(userId, sessionId) {
      const which = part`user_id = ${userId} and session_id = ${sessionId}`
      const ids = await endSessions(sql, which)
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

    async endChosen({ userId, sessionId }, chosenSessionId) {
      const ids = await sql.begin(async (tx) => {
        await lockOwn(tx, { userId, sessionId, passwordSince: null })
        return endSessions(tx, part`user_id = ${userId} and session_id = ${chosenSessionId}`)
      })
      onEnded(ids)
      return ids.length > 0
    },

    async endOthers(userId, sessionId) {
      const ids = await sql.begin(async (tx) => {
        await lockOwn(tx, { userId, sessionId, passwordSince: null })
        return endSessions(tx, part`user_id = ${userId} and session_id <> ${sessionId}`)
      })
      onEnded(ids)
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
