import type { Sql, Tx } from '@ego/kit/postgres'
import { part } from '@ego/kit/sql-text'
import type { Account } from '../account/account.ts'
import { lockOwn } from '../account/lock-postgres.ts'
import { type AccountRow, accountColumns, toAccount } from '../account/row-postgres.ts'
import type { Known } from '../account/store.ts'
import { appendAudit } from '../audit/store-postgres.ts'
import { requestMail } from '../mailed/outbox-postgres.ts'
import { endSessions, type OnEnded } from '../revocation/end-sessions-postgres.ts'
import { type NewSession, type Session, sessionsMax } from './session.ts'
import type { SessionStore } from './store.ts'

type Row = { session_id: string; secret: Buffer; counter: number; rotated_at: Date }
type Times = { created_at: Date; last_used_at: Date }

export function postgresSessions(sql: Sql, onEnded: OnEnded): SessionStore {
  return {
    async start(known, session, by, notice) {
      const { userId } = known.account
      const started = await sql.begin(async (tx) => {
        const account = await lockKnown(tx, known)
        if (!account) return null
        if (await isNewDevice(tx, userId, session.device)) {
          await requestMail(tx, userId, await notice(), by.requestId)
        }
        await appendAudit(tx, { ...by, actorId: userId }, { action: 'session.started', userId })
        return { account, ...(await insertSession(tx, userId, session)) }
      })
      if (!started) return null
      onEnded(started.endedIds)
      return { account: started.account, session: started.session }
    },

    async find(sessionId) {
      const [row] = await sql<(Row & Times & AccountRow)[]>`
        select
          session_id, secret, counter, rotated_at, session.created_at, last_used_at,
          ${accountColumns}
        from session
        join account using (user_id)
        where session_id = ${sessionId}`
      if (!row) return null
      const times = { createdAt: row.created_at, lastUsedAt: row.last_used_at }
      return { ...toSession(row), ...times, account: toAccount(row) }
    },

    async rotate({ sessionId, counter }, at) {
      const [row] = await sql<Row[]>`
        update session
        set counter = counter + 1, rotated_at = ${at}, last_used_at = ${at}
        where session_id = ${sessionId} and counter = ${counter}
        returning session_id, secret, counter, rotated_at`
      return row ? toSession(row) : null
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
      const rows = await sql<(Times & { session_id: string; device: string; ip: string })[]>`
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

/** Locks the account before its sessions, as every change of it does: whoever ends all of them sees this one too. */
async function lockKnown(tx: Tx, { account, passwordSince }: Known): Promise<Account | null> {
  const [row] = await tx<AccountRow[]>`
    select ${accountColumns}
    from account
    where user_id = ${account.userId}
      and status = 'active'
      and password_changed_at::text = ${passwordSince}
    for no key update`
  return row ? toAccount(row) : null
}

async function isNewDevice(tx: Tx, userId: number, device: string): Promise<boolean> {
  const [row] = await tx<[{ others: number; same: number }]>`
    select
      count(*)::int as others,
      (count(*) filter (where device = ${device}))::int as same
    from session
    where user_id = ${userId}`
  // Without any session there is nothing to compare with: the first sign-in after all have ended is not news.
  return row.others > 0 && row.same === 0
}

export async function insertSession(tx: Tx, userId: number, session: NewSession) {
  const endedIds = await endSessions(
    tx,
    part`session_id in (
      select session_id
      from session
      where user_id = ${userId}
      order by last_used_at desc
      offset ${sessionsMax - 1}
    )`,
  )
  const { secret, device, ip, startedAt } = session
  const [row] = await tx<[Row]>`
    insert into session (user_id, secret, device, ip, created_at, last_used_at, rotated_at)
    values (${userId}, ${secret}, ${device}, ${ip}, ${startedAt}, ${startedAt}, ${startedAt})
    returning session_id, secret, counter, rotated_at`
  return { session: toSession(row), endedIds }
}

function toSession(row: Row): Session {
  return {
    sessionId: row.session_id,
    secret: row.secret,
    counter: row.counter,
    rotatedAt: row.rotated_at,
  }
}
