import type { Tx } from '@ego/kit/postgres'
import { part } from '@ego/kit/sql-text'
import type { Owner } from './account.ts'

/**
 * The first step of whatever changes an account, its sessions or its mailed tokens: one order of locks, so that nobody waits
 * in a circle. `null` when the account is gone or disabled, or when its password was changed since it was proven.
 */
export async function lockAccount(
  tx: Tx,
  userId: number,
  passwordSince: string | null,
): Promise<Owner | null> {
  const isProven =
    passwordSince === null ? part`` : part`and password_changed_at::text = ${passwordSince}`
  const [row] = await tx<{ username: string; user_email: string }[]>`
    select username, user_email
    from account
    where user_id = ${userId} and status = 'active' ${isProven}
    for no key update`
  return row ? { username: row.username, userEmail: row.user_email } : null
}
