import { userRenamed } from '@ego/contracts/events/account'
import { appendEvent } from '@ego/kit/events/outbox'
import { isDeadlock } from '@ego/kit/postgres/errors'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'

const deadlocksMax = 2

/**
 * For a transaction that gives an account another name or address. Two accounts that take each other's name at the same
 * moment deadlock, because each keeps the old one until it commits; Postgres aborts one, which runs again after the other.
 * The work may run more than once, so it must change nothing but rows.
 */
export async function beginExchange<T>(sql: Sql, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let deadlocks = 0; ; deadlocks += 1) {
    try {
      return await sql.begin(work)
    } catch (error) {
      if (deadlocks === deadlocksMax || !isDeadlock(error)) throw error
    }
  }
}

/** Returns `false` when that is its name already. A taken name violates `account_username_taken`. */
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

/** Returns `false` when the account has another address by now. */
export async function verifyEmail(
  tx: Tx,
  { userId, userEmail }: { userId: number; userEmail: string },
  at: Date,
): Promise<boolean> {
  const { count } = await tx`
    update account
    set email_verified_at = coalesce(email_verified_at, ${at})
    where user_id = ${userId} and user_email = ${userEmail}`
  return count === 1
}

/** Tokens that were mailed under the old password would undo the change, so they are deleted with it. */
export async function setPassword(tx: Tx, userId: number, passwordHash: string, at: Date) {
  await tx`
    update account
    set password_hash = ${passwordHash}, password_changed_at = ${at}
    where user_id = ${userId}`
  await tx`
    delete from mail_token
    where user_id = ${userId} and purpose in ('password_reset', 'email_change')`
}
