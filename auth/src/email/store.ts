import type { By } from '../audit/audit.ts'
import type { EmailChangeNotice, TokenMail } from '../mail-token/mail.ts'
import type { SessionOwner } from '../session/store.ts'

export type Verification = TokenMail & SessionOwner & { userEmail: string; at: Date }

export type EmailStore = {
  /** Writes the token and asks for its mail together; an earlier token is replaced. */
  requestVerification(
    verification: Verification,
    requestId: string | null,
  ): Promise<'requested' | 'session_ended'>
  /** Uses the token up: the address it was mailed to is verified, and becomes the account's if it is a new one. */
  confirm(
    tokenHash: Buffer,
    at: Date,
    by: By,
    notice: EmailChangeNotice,
  ): Promise<'confirmed' | 'invalid' | 'email_taken'>
}
