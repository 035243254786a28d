import type { Tx } from '@ego/kit/postgres/postgres'
import type { By } from '../audit/audit.ts'
import { endedSession } from '../session/access-token.ts'
import type { Account, Owner } from './account.ts'
import { requireStaffRole } from './staff-role.ts'
import type { ProvenOwner } from './store.ts'

// The first step of whatever changes an account, its sessions or its mailed tokens: accounts first, in the order of their
// ids, then their sessions, so that nobody waits in a circle.
//
// Who sends a request may have waited for long since the caller was looked at: for a hash, for a place, for a lock. So
// whoever is signed in is looked at once more here, and refused by a Problem that rolls everything back: it is the same
// one for all operations.

type Locked = Owner & Pick<Account, 'userId' | 'status' | 'roles'> & { passwordSince: string }

/** For somebody who is not signed in; `null` when the account is gone or disabled. */
export async function lockAccount(tx: Tx, userId: number): Promise<Owner | null> {
  const [account] = await lock(tx, [userId])
  return account?.status === 'active' ? account : null
}

/** For the owner; `false` when the password was changed since it was proven. */
export async function lockOwn(tx: Tx, owner: ProvenOwner): Promise<boolean> {
  const { userId, sessionId, passwordSince } = owner
  const [account] = await lock(tx, [userId])
  const isSignedIn = await hasSession(tx, userId, sessionId)
  if (account?.status !== 'active' || !isSignedIn) throw endedSession()
  return passwordSince === null || passwordSince === account.passwordSince
}

/** For one of the staff, or the operator at the command line. `null` when there is no such account, or none is asked for. */
export async function lockAsStaff(
  tx: Tx,
  { actorId, sessionId }: By,
  userId: number | null,
): Promise<Locked | null> {
  const accounts = await lock(
    tx,
    [actorId, userId].filter((id) => id !== null),
  )
  if (actorId !== null) {
    const actor = accounts.find((account) => account.userId === actorId)
    const isSignedIn = sessionId !== null && (await hasSession(tx, actorId, sessionId))
    if (actor?.status !== 'active' || !isSignedIn) throw endedSession()
    requireStaffRole(actor.roles)
  }
  return accounts.find((account) => account.userId === userId) ?? null
}

type Row = {
  user_id: number
  username: string
  user_email: string
  status: Account['status']
  roles: string[]
  password_since: string
}

async function lock(tx: Tx, userIds: readonly number[]): Promise<Locked[]> {
  // The time as text, because a Date would lose the microseconds.
  const rows = await tx<Row[]>`
    select
      user_id, username, user_email, status, roles, password_changed_at::text as password_since
    from account
    where user_id = any(${userIds})
    order by user_id
    for no key update`
  return rows.map((row) => ({
    userId: row.user_id,
    username: row.username,
    userEmail: row.user_email,
    status: row.status,
    roles: row.roles,
    passwordSince: row.password_since,
  }))
}

/** A statement of its own: the one that has waited for the account does not see what was deleted meanwhile. */
async function hasSession(tx: Tx, userId: number, sessionId: string): Promise<boolean> {
  const [row] = await tx`
    select 1
    from session
    where user_id = ${userId} and session_id = ${sessionId}
    for key share`
  return row !== undefined
}
