import type { Account } from '../account/account.ts'
import type { Conflict, NewAccount } from '../account/store.ts'
import type { By } from '../audit/audit.ts'
import type { SealedMail, TokenMail } from '../mail-token/mail.ts'
import type { NewSession } from '../session/session.ts'
import type { SessionOwner, Started } from '../session/store.ts'

/** What comes with a registration: its first session, and the mail that welcomes and verifies. */
export type Welcome = TokenMail & { session: NewSession }

/** `passwordSince` is null where no password was asked for. */
export type ProvenOwner = SessionOwner & { passwordSince: string | null }

export type AccountChange = {
  username?: string | undefined
  passwordHash?: string | undefined
  /** Asked for with a mail to the new address; it becomes the account's when that mail is confirmed. */
  newEmail?: { userEmail: string; tokenHash: Buffer } | undefined
  mails: readonly SealedMail[]
  at: Date
}

/** The session has ended, or the password is no longer the proven one. */
export type OwnerRefusal = 'session_ended' | 'password_changed'

export type OwnAccountStore = {
  /** Writes the account, its first session and `user.registered` together, or says which name is taken. */
  register(account: NewAccount, welcome: Welcome, by: By): Promise<Started | Conflict>
  /** Changes all of it or nothing. A new password ends all sessions but the given one. */
  change(
    owner: ProvenOwner,
    change: AccountChange,
    by: By,
  ): Promise<Account | Conflict | OwnerRefusal>
  /** Erases the account and tells the other services; the last member of the staff stays. */
  delete(owner: ProvenOwner, by: By): Promise<'deleted' | 'last_staff' | OwnerRefusal>
}
