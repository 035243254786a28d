import { userDeleted, userDisabled, userEnabled, userRenamed } from '@ego/contracts/events/account'
import { appendEvent } from '@ego/kit/events/outbox'
import { lockClass } from '@ego/kit/postgres/advisory-locks'
import type { Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import { authLocks } from '../postgres/advisory-locks.ts'
import { endSessions } from '../revocation/end-sessions-postgres.ts'
import type { Account } from './account.ts'

// What may change about an account, whoever asks for it. Each change locks the row of the account before it touches its
// sessions. What ends sessions answers their ids: tell OnEnded of them once the transaction is committed.

/** Nothing else could let anybody back in, so the transaction must not be committed. */
export class LastStaffError extends Error {
  constructor() {
    super('No active account with the role staff would be left.')
    this.name = 'LastStaffError'
  }
}

/** Goes around the whole transaction, so that the refusal rolls it back. */
export async function orLastStaff<T>(write: () => Promise<T>): Promise<T | 'last_staff'> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof LastStaffError) return 'last_staff'
    throw error
  }
}

/** `false` when that is its name already. A name that is taken violates `account_username_taken`. */
export async function renameAccount(
  tx: Tx,
  userId: number,
  username: string,
  requestId: string | null,
): Promise<boolean> {
  const { count } = await tx`
    update account
    set username = ${username}
    where user_id = ${userId} and username <> ${username}`
  if (count === 0) return false
  const payload = { user_id: userId, username }
  await appendEvent(tx, userRenamed, { key: String(userId), payload, requestId })
  return true
}

/** The ids of the sessions that it ended; `null` when that is its status already. Throws LastStaffError. */
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
  if (row.roles.includes('staff')) await requireStaffLeft(tx)
  return endedIds
}

export type RolesChange = { added: string[]; removed: string[]; endedIds: string[] }

/** `null` when those are its roles already. Throws LastStaffError. */
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
  // The roles are in the access tokens, so the old ones have to go; also where somebody has only gained a role.
  const endedIds = await endSessions(tx, part`user_id = ${userId}`)
  if (row.status === 'active' && removed.includes('staff')) await requireStaffLeft(tx)
  return { added, removed, endedIds }
}

/** The ids of the sessions that it ended; none for an account that is not there. Throws LastStaffError. */
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
  if (row.status === 'active' && row.roles.includes('staff')) await requireStaffLeft(tx)
  return endedIds
}

/**
 * Two who remove each other at the same moment would both see the other one left. They ask in turn: the second one sees
 * what the first one has committed. Asked after the change, so that whoever has the lock waits for no row any more.
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
