import type { Owner } from '../account/account.ts'
import type { By } from '../audit/audit.ts'
import type { SealedLetter, TokenLetter } from '../mail-token/mail.ts'

export type ResetNotice = (owner: Owner) => Promise<SealedLetter>

export type PasswordStore = {
  /** Notes that a reset was asked for; the same work whether or not anybody has the address. */
  forget(sealed: string, requestId: string): Promise<void>
  /**
   * For staff. Writes the token and asks for its mail together; an earlier one is replaced. `null` when there is no such
   * account. Throws a Problem when whoever asks is no longer signed in or one of the staff.
   */
  requestReset(request: ResetRequest, by: By): Promise<'requested' | 'disabled' | null>
  /** Whose password the token may set; `null` when it is no good. */
  findByResetToken(tokenHash: Buffer, at: Date): Promise<Owner | null>
  /** Uses the token up, ends all sessions and tells the owner. `false` when the token is no good. */
  reset(reset: Reset, by: By, notice: ResetNotice): Promise<boolean>
  /** The same password under new parameters; skipped when the hash has changed meanwhile. */
  rehash(userId: number, oldHash: string, newHash: string): Promise<void>
}

export type ResetRequest = TokenLetter & { userId: number; userEmail: string; at: Date }

export type Reset = { tokenHash: Buffer; passwordHash: string; at: Date }
