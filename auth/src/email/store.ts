import type { Owner } from '../account/account.ts'
import type { By } from '../audit/audit.ts'
import type { SealedLetter, TokenLetter } from '../mail-token/mail.ts'

export type Verification = TokenLetter & {
  userId: number
  sessionId: string
  userEmail: string
  at: Date
}

/** What is told to an address that is no longer the account's. */
export type ChangeNotice = (old: Owner, newEmail: string) => Promise<SealedLetter>

export type Confirmation = 'confirmed' | 'invalid' | 'email_taken'

export type EmailStore = {
  /**
   * Writes the token and asks for its mail together; an earlier token is replaced. Throws a Problem
   * when the session has ended.
   */
  requestVerification(verification: Verification, requestId: string | null): Promise<void>
  /** Uses the token up: the address it was mailed to is verified, and becomes the account's where it was new. */
  confirm(tokenHash: Buffer, at: Date, by: By, notice: ChangeNotice): Promise<Confirmation>
}
