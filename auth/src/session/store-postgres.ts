import { gathered } from '@ego/kit/gathered'
import type { Sql, Tx } from '@ego/kit/postgres'
import { part } from '@ego/kit/sql-text'
import type { Account } from '../account/account.ts'
import { lockOwn } from '../account/lock-postgres.ts'
import { type AccountRow, accountColumns, toAccount } from '../account/row-postgres.ts'
import type { Known } from '../account/store.ts'
import type { AuditAction, By } from '../audit/audit.ts'
import { appendAudit, auditInsert } from '../audit/store-postgres.ts'
import { requestMail } from '../mailed/outbox-postgres.ts'
import { endSessions, type OnEnded } from '../revocation/end-sessions-postgres.ts'
import { type NewSession, type Session, sessionsMax } from './session.ts'
import type { SessionStore, StoredSession } from './store.ts'

type Row = { session_id: string; secret: Buffer; counter: number; rotated_at: Date }
type Times = { created_at: Date; last_used_at: Date }

export function postgresSessions(sql: Sql, onEnded: OnEnded): SessionStore {
  const rotateOne = gathered({ many: (wanted: readonly Rotation[]) => rotateMany(sql, wanted) })
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

    find: gathered({ many: (sessionIds) => findSessions(sql, sessionIds) }),

    async rotate(session, at) {
      // One whose row is locked is left out there, and waited for here.
      return (await rotateOne({ session, at })) ?? rotate(sql, session, at)
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

async function findSessions(sql: Tx, sessionIds: readonly string[]) {
  const rows = await sql<(Row & Times & AccountRow)[]>`
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

type Rotation = { session: Session; at: Date }
type Rotated = Pick<Row, 'session_id' | 'counter' | 'rotated_at'>

async function rotateMany(sql: Tx, wanted: readonly Rotation[]) {
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
    // Several may have come with one token; who came with an older one has rotated nothing.
    return row?.counter === session.counter + 1 ? toRotated(session, row) : null
  }
}

async function rotate(sql: Tx, session: Session, at: Date): Promise<Session | null> {
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

async function countOthers(tx: Tx, userId: number, device: string) {
  const [row] = await tx<[{ others: number; same: number }]>`
    select
      count(*)::int as others,
      (count(*) filter (where device = ${device}))::int as same
    from session
    where user_id = ${userId}`
  return row
}

function makeRoom(tx: Tx, userId: number): Promise<string[]> {
  return endSessions(
    tx,
    part`session_id in (
      select session_id
      from session
      where user_id = ${userId}
      order by last_used_at desc
      offset ${sessionsMax - 1}
    )`,
  )
}

/** Its owner is who started it. */
export async function insertSession(
  tx: Tx,
  userId: number,
  { secret, device, ip, startedAt }: NewSession,
  by: By,
  action: AuditAction,
): Promise<Session> {
  const [row] = await tx<[Row]>`
    with audited as (${auditInsert({ ...by, actorId: userId }, { action, userId })})
    insert into session (user_id, secret, device, ip, created_at, last_used_at, rotated_at)
    values (${userId}, ${secret}, ${device}, ${ip}, ${startedAt}, ${startedAt}, ${startedAt})
    returning session_id, secret, counter, rotated_at`
  return toSession(row)
}

function toSession(row: Row): Session {
  return {
    sessionId: row.session_id,
    secret: row.secret,
    counter: row.counter,
    rotatedAt: row.rotated_at,
  }
}
