import { mailRequested } from '@ego/contracts/events/mail'
import { appendEvent } from '@ego/kit/events/outbox'
import type { Tx } from '@ego/kit/postgres/postgres'
import type { Owner } from '../account/account.ts'
import { lockAccount } from '../account/lock-postgres.ts'
import type { Purpose, SealedMail } from './mail.ts'

const hourMs = 3_600_000
const lifetimeMs: Readonly<Record<Purpose, number>> = {
  email_verification: 48 * hourMs,
  email_change: 24 * hourMs,
  password_reset: hourMs,
}

export type NewMailToken = {
  tokenHash: Buffer
  userId: number
  purpose: Purpose
  userEmail: string
  at: Date
}

/** Asks for a mail in the transaction of the change that it is about. */
export async function requestMail(
  tx: Tx,
  userId: number,
  mail: SealedMail,
  requestId: string | null,
): Promise<void> {
  await appendEvent(tx, mailRequested, { key: String(userId), payload: mail, requestId })
}

/** Replaces earlier tokens for the same purpose: of several mails only the last one works. */
export async function insertMailToken(tx: Tx, token: NewMailToken): Promise<void> {
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

/**
 * Locks the account of the token before the token itself. Returns `null` when the token cannot be used, and when the
 * account is gone or disabled.
 */
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
  const token = owner ? await takeMailToken(tx, tokenHash, purposes, at) : null
  return owner && token ? { token, owner } : null
}

/** Deletes the token: of many requests at once, one gets it. `null` when it is unknown, late or for something else. */
async function takeMailToken(
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

/** Makes everything void that was mailed to an earlier address of the account. */
export async function deleteMailTokens(tx: Tx, userId: number): Promise<void> {
  await tx`
    delete from mail_token
    where user_id = ${userId}`
}
