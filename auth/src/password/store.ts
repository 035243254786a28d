import type { Owner } from '../account/account.ts'
import type { By } from '../audit/audit.ts'
import type { SealedMail } from '../mail-token/mail.ts'

export type Reset = { tokenHash: Buffer; passwordHash: string; at: Date }

export type ResetNotice = (owner: Owner) => Promise<SealedMail>

export type PasswordStore = {
  /** Notes that a reset was asked for; the same work whether or not an account has the address. */
  forget(sealed: string, requestId: string): Promise<void>
  /** The owner whose password the token may set; `null` when the token is no good. */
  findByResetToken(tokenHash: Buffer, at: Date): Promise<Owner | null>
  /** Uses the token up, ends all sessions and tells the owner. Returns `false` when the token is no good. */
  reset(reset: Reset, by: By, notice: ResetNotice): Promise<boolean>
}
