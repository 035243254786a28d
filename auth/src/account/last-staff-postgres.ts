import { userDeleted, userDisabled, userEnabled } from '@ego/contracts/events/account'
import { appendEvent } from '@ego/kit/events/outbox'
import { lockClass } from '@ego/kit/postgres/advisory-locks'
import type { Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import { authLocks } from '../postgres/advisory-locks.ts'
import { endSessions } from '../revocation/end-sessions-postgres.ts'
import { type Account, isStaff } from './account.ts'

// The changes that end sessions and might leave the platform without staff. Each locks the row of the account before its
// sessions, and returns the ids of the sessions that it ended: pass them to OnEnded once the transaction is committed.

/** Nothing else could give the role back, so the transaction must not be committed. */
class LastStaffError extends Error {
  constructor() {
    super('No active account with the role staff would be left.')
    this.name = 'LastStaffError'
  }
}

/** Wraps the whole transaction, so that the refusal rolls it back. */
export async function orLastStaff<T>(write: () => Promise<T>): Promise<T | 'last_staff'> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof LastStaffError) return 'last_staff'
    throw error
  }
}

/** Returns `null` when the account has this status already. Throws LastStaffError. */
export async function setStatus(
  tx: Tx,
  userId: number,
  status: Account['status'],
  requestId: string | null,
): Promise<string[] | null> {
  const [row] = await tx<{ roles: string[] }[]>`
    update account
    set status = ${status}
    where user_id = ${userId} and status <> ${status}
    returning roles`
  if (!row) return null
  const event = { key: String(userId), payload: { user_id: userId }, requestId }
  if (status === 'active') {
    await appendEvent(tx, userEnabled, event)
    return []
  }
  const endedIds = await endSessions(tx, part`user_id = ${userId}`)
  await appendEvent(tx, userDisabled, event)
  if (isStaff(row.roles)) await requireStaffLeft(tx)
  return endedIds
}

export type RolesChange = { added: string[]; removed: string[]; endedIds: string[] }

/** Returns `null` when the account has these roles already. Throws LastStaffError. */
export async function setRoles(
  tx: Tx,
  userId: number,
  roles: readonly string[],
): Promise<RolesChange | null> {
  const [row] = await tx<{ roles_before: string[]; status: Account['status'] }[]>`
    update account
    set roles = ${[...roles]}
    where user_id = ${userId} and roles <> ${[...roles]}
    returning old.roles as roles_before, status`
  if (!row) return null
  const added = roles.filter((role) => !row.roles_before.includes(role))
  const removed = row.roles_before.filter((role) => !roles.includes(role))
  // Access tokens carry the roles, so the old tokens have to go, also when a role was only added.
  const endedIds = await endSessions(tx, part`user_id = ${userId}`)
  if (row.status === 'active' && isStaff(removed)) await requireStaffLeft(tx)
  return { added, removed, endedIds }
}

/** Returns no ids for an account that does not exist. Throws LastStaffError. */
export async function deleteAccount(
  tx: Tx,
  userId: number,
  requestId: string | null,
): Promise<string[]> {
  const [row] = await tx<{ roles: string[]; status: Account['status'] }[]>`
    select roles, status
    from account
    where user_id = ${userId}
    for update`
  if (!row) return []
  // Before the row: what goes with it by the foreign key would not be noted as revoked.
  const endedIds = await endSessions(tx, part`user_id = ${userId}`)
  await tx`
    delete from account
    where user_id = ${userId}`
  await appendEvent(tx, userDeleted, {
    key: String(userId),
    payload: { user_id: userId },
    requestId,
  })
  if (row.status === 'active' && isStaff(row.roles)) await requireStaffLeft(tx)
  return endedIds
}

/**
 * Two members of staff who remove each other at the same moment would each still see the other one. The lock lets one
 * transaction check at a time, so the second sees what the first has committed. It is taken after the change, so that its
 * holder waits for no row.
 */
async function requireStaffLeft(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(${lockClass}, ${authLocks.staff})`
  const [row] = await tx`
    select 1
    from account
    where roles @> array['staff'] and status = 'active'
    limit 1`
  if (!row) throw new LastStaffError()
}
