import type { Tx } from '@ego/kit/postgres/postgres'
import type { By } from '../audit/audit.ts'
import { type Account, isStaff, type Owner } from './account.ts'
import type { StaffRefusal } from './store.ts'
import { type AccountRow, accountColumns, toAccount } from './store-postgres.ts'

// The first step of every transaction that changes an account, its sessions or its mail tokens. It locks accounts first,
// in the order of their ids, then their sessions, so that transactions never wait for each other in a circle.
//
// A request may have waited for long since its caller was checked: for a hash, a slot or a lock. So the caller is checked
// once more here, before anything is written.

export type Locked = Account & { passwordSince: string }

/** For a caller who is not signed in. Returns `null` when the account is gone or disabled. */
export async function lockAccount(tx: Tx, userId: number): Promise<Owner | null> {
  const [account] = await lock(tx, [userId])
  return account?.status === 'active' ? account : null
}

/** For the owner. Returns `null` when the session has ended. */
export async function lockOwn(
  tx: Tx,
  { userId, sessionId }: { userId: number; sessionId: string },
): Promise<Locked | null> {
  const [account] = await lock(tx, [userId])
  const isSignedIn = await hasSession(tx, userId, sessionId)
  return account?.status === 'active' && isSignedIn ? account : null
}

/** For staff, or the operator at the command line. Returns `null` when there is no account `userId`. */
export async function lockAsStaff(
  tx: Tx,
  { actorId, sessionId }: By,
  userId: number | null,
): Promise<Locked | StaffRefusal | null> {
  const userIds = [actorId, userId].filter((id) => id !== null)
  const accounts = await lock(tx, userIds)
  if (actorId !== null) {
    const actor = accounts.find((account) => account.userId === actorId)
    const isSignedIn = sessionId !== null && (await hasSession(tx, actorId, sessionId))
    if (actor?.status !== 'active' || !isSignedIn) return 'session_ended'
    if (!isStaff(actor.roles)) return 'staff_only'
  }
  return accounts.find((account) => account.userId === userId) ?? null
}

async function lock(tx: Tx, userIds: readonly number[]): Promise<Locked[]> {
  // The time as text, because a Date would lose the microseconds.
  const rows = await tx<(AccountRow & { password_since: string })[]>`
    select ${accountColumns}, password_changed_at::text as password_since
    from account
    where user_id = any(${userIds})
    order by user_id
    for no key update`
  return rows.map((row) => ({ ...toAccount(row), passwordSince: row.password_since }))
}

/** A statement of its own: one that has waited for the account would not see what was deleted meanwhile. */
async function hasSession(tx: Tx, userId: number, sessionId: string): Promise<boolean> {
  const [row] = await tx`
    select 1
    from session
    where user_id = ${userId} and session_id = ${sessionId}
    for key share`
  return row !== undefined
}
