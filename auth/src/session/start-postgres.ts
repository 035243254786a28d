import type { Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import type { Account } from '../account/account.ts'
import type { Credentials } from '../account/store.ts'
import { type AccountRow, accountColumns, toAccount } from '../account/store-postgres.ts'
import type { By } from '../audit/audit.ts'
import { auditInsert } from '../audit/store-postgres.ts'
import { requestMail } from '../mail-token/store-postgres.ts'
import { endSessions } from '../revocation/end-sessions-postgres.ts'
import { type NewSession, type Session, sessionsMax } from './session.ts'
import type { DeviceNotice } from './store.ts'

export type SessionRow = { session_id: string; secret: Buffer; counter: number; rotated_at: Date }

/** What SessionStore.start promises, in its transaction; with the ids of the sessions that it ended. */
export async function startSession(
  tx: Tx,
  found: Credentials,
  session: NewSession,
  by: By,
  notice: DeviceNotice,
) {
  const { userId } = found.account
  const account = await lockFound(tx, found)
  if (!account) return null
  const { others, same } = await countOthers(tx, userId, session.device)
  // Without any session there is nothing to compare with: the first sign-in after all have ended is not news.
  const isNewDevice = others > 0 && same === 0
  if (isNewDevice) await requestMail(tx, userId, await notice(), by.requestId)
  const endedIds = others < sessionsMax ? [] : await endOldest(tx, userId)
  const started = await insertSession(tx, userId, session, by, 'session.started')
  return { account, session: started, endedIds }
}

/** Locks the account before its sessions, as every change of it does: a change that ends all sessions ends this one too. */
async function lockFound(tx: Tx, { account, passwordSince }: Credentials): Promise<Account | null> {
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

function endOldest(tx: Tx, userId: number): Promise<string[]> {
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

/** The owner of a new session is the actor: they have just signed in. */
export async function insertSession(
  tx: Tx,
  userId: number,
  { secret, device, ip, startedAt }: NewSession,
  by: By,
  action: 'account.registered' | 'session.started',
): Promise<Session> {
  const [row] = await tx<[SessionRow]>`
    with audited as (${auditInsert({ ...by, actorId: userId }, { action, userId })})
    insert into session (user_id, secret, device, ip, created_at, last_used_at, rotated_at)
    values (${userId}, ${secret}, ${device}, ${ip}, ${startedAt}, ${startedAt}, ${startedAt})
    returning session_id, secret, counter, rotated_at`
  return toSession(row)
}

export function toSession(row: SessionRow): Session {
  return {
    sessionId: row.session_id,
    secret: row.secret,
    counter: row.counter,
    rotatedAt: row.rotated_at,
  }
}
