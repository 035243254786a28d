import type { Tx } from '@ego/kit/postgres/postgres'
import type { Owner } from '../account/account.ts'
import { lockAccount } from '../account/lock-postgres.ts'
import { lifetimeMs, type Purpose } from './mail-token.ts'

export type NewMailedToken = {
  tokenHash: Buffer
  userId: number
  purpose: Purpose
  userEmail: string
  at: Date
}

/** Replaces earlier ones for the same purpose: of several mails only the last one works. */
export async function insertMailedToken(tx: Tx, token: NewMailedToken): Promise<void> {
  const { tokenHash, userId, purpose, userEmail, at } = token
  const expiresAt = new Date(at.getTime() + lifetimeMs[purpose])
  await tx`
    delete from mail_token
    where user_id = ${userId} and purpose = ${purpose}`
  await tx`
    insert into mail_token (token_hash, user_id, purpose, user_email, created_at, expires_at)
    values (${tokenHash}, ${userId}, ${purpose}, ${userEmail}, ${at}, ${expiresAt})`
}

export type TakenToken = { userId: number; purpose: Purpose; userEmail: string }

/** Takes the token out: of many at once, one gets it. `null` for one that is unknown, late or for something else. */
async function takeMailedToken(
  tx: Tx,
  tokenHash: Buffer,
  purposes: readonly Purpose[],
  at: Date,
): Promise<TakenToken | null> {
  const [row] = await tx<{ user_id: number; purpose: Purpose; user_email: string }[]>`
    delete from mail_token
    where token_hash = ${tokenHash} and purpose = any(${purposes}) and expires_at > ${at}
    returning user_id, purpose, user_email`
  return row ? { userId: row.user_id, purpose: row.purpose, userEmail: row.user_email } : null
}

/** Locks the account of the token before the token itself. `null` also when the account is gone or disabled. */
export async function takeWithOwner(
  tx: Tx,
  tokenHash: Buffer,
  purposes: readonly Purpose[],
  at: Date,
): Promise<{ token: TakenToken; owner: Owner } | null> {
  const [found] = await tx<{ user_id: number }[]>`
    select user_id
    from mail_token
    where token_hash = ${tokenHash}`
  const owner = found ? await lockAccount(tx, found.user_id) : null
  const token = owner ? await takeMailedToken(tx, tokenHash, purposes, at) : null
  return owner && token ? { token, owner } : null
}
