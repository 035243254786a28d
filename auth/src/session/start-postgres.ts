import type { Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import type { Account } from '../account/account.ts'
import { type AccountRow, accountColumns, toAccount } from '../account/row-postgres.ts'
import type { Known } from '../account/store.ts'
import type { By } from '../audit/audit.ts'
import { auditInsert } from '../audit/store-postgres.ts'
import { endSessions } from '../revocation/end-sessions-postgres.ts'
import { type SessionRow, toSession } from './row-postgres.ts'
import { type NewSession, type Session, sessionsMax } from './session.ts'

/** Locks the account before its sessions, as every change of it does: whoever ends all of them sees this one too. */
export async function lockKnown(
  tx: Tx,
  { account, passwordSince }: Known,
): Promise<Account | null> {
  const [row] = await tx<AccountRow[]>`
    select ${accountColumns}
    from account
    where user_id = ${account.userId}
      and status = 'active'
      and password_changed_at::text = ${passwordSince}
    for no key update`
  return row ? toAccount(row) : null
}

export async function countOthers(tx: Tx, userId: number, device: string) {
  const [row] = await tx<[{ others: number; same: number }]>`
    select
      count(*)::int as others,
      (count(*) filter (where device = ${device}))::int as same
    from session
    where user_id = ${userId}`
  return row
}

export function makeRoom(tx: Tx, userId: number): Promise<string[]> {
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

/** Whoever starts a session owns it, so the owner is the actor. */
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
