import { Problem } from '@ego/kit/http/problem'
import { z } from '@hono/zod-openapi'
import type { Account } from '../account/account.ts'
import type { AccountStore, Conflict } from '../account/store.ts'

export const accountSchema = z
  .object({
    user_id: z.int(),
    username: z.string(),
    user_email: z.string(),
    email_verified: z.boolean(),
    roles: z.array(z.string()),
    created_at: z.iso.datetime(),
  })
  .openapi('Account')

export function accountView(account: Account): z.output<typeof accountSchema> {
  return {
    user_id: account.userId,
    username: account.username,
    user_email: account.userEmail,
    email_verified: account.isEmailVerified,
    roles: [...account.roles],
    created_at: account.createdAt.toISOString(),
  }
}

/** What every operation on your own account may refuse. */
export const ownProblems = {
  401: '`not_signed_in`, `token_invalid`',
  404: '`user_not_found`',
  503: '`busy`, `unavailable`',
} as const

export async function readAccount(
  accounts: Pick<AccountStore, 'find'>,
  userId: number,
): Promise<Account> {
  const account = await accounts.find(userId)
  if (account) return account
  throw new Problem(404, 'user_not_found', 'This account was deleted.')
}

export function taken(conflict: Conflict): Problem {
  const text =
    conflict === 'username_taken'
      ? 'This username is taken. Choose another one.'
      : 'There is an account with this e-mail address. Sign in, or reset its password.'
  return new Problem(409, conflict, text)
}
