import { createHash, randomBytes } from 'node:crypto'
import { Problem } from '@ego/kit/http/problem'

export type Purpose = 'email_verification' | 'email_change' | 'password_reset'

/** A secret that proves control of a mailbox. Only its hash is stored. */
export type MailToken = { token: string; tokenHash: Buffer }

const tokenBytes = 20
const hourMs = 3_600_000
export const lifetimeMs: Readonly<Record<Purpose, number>> = {
  email_verification: 48 * hourMs,
  email_change: 24 * hourMs,
  password_reset: hourMs,
}

export function createMailToken(): MailToken {
  const token = randomBytes(tokenBytes).toString('base64url')
  return { token, tokenHash: hashMailToken(token) }
}

export function hashMailToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

export function mailTokenInvalid(): Problem {
  const text = 'This token was used, has expired or was never sent. Ask for a new mail.'
  return new Problem(400, 'mailed_token_invalid', text)
}
