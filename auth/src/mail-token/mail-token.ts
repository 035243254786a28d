import { createHash, randomBytes } from 'node:crypto'
import { Problem } from '@ego/kit/http/problem'

export type Purpose = 'email_verification' | 'email_change' | 'password_reset'

/** A secret that proves who reads the mailbox. Only its hash is stored. */
export type MailedToken = { token: string; tokenHash: Buffer }

const tokenBytes = 20
const hourMs = 3_600_000
export const lifetimeMs: Readonly<Record<Purpose, number>> = {
  email_verification: 48 * hourMs,
  email_change: 24 * hourMs,
  password_reset: hourMs,
}

export function newMailedToken(): MailedToken {
  const token = randomBytes(tokenBytes).toString('base64url')
  return { token, tokenHash: hashMailedToken(token) }
}

export function hashMailedToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

export function mailedTokenInvalid(): Problem {
  const text = 'This token was used, has expired or was never sent. Ask for a new mail.'
  return new Problem(400, 'mailed_token_invalid', text)
}
