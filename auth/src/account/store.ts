import type { By } from '../audit/audit.ts'
import type { SealedLetter, TokenLetter } from '../mail-token/mail.ts'
import type { NewSession, Session } from '../session/session.ts'
import type { Account } from './account.ts'

export type NewAccount = {
  username: string
  userEmail: string
  passwordHash: string
  roles: readonly string[]
}

/** What comes with a registration: its first session, and the mail that welcomes and verifies. */
export type Welcome = TokenLetter & { session: NewSession }

/** What a password is checked against, and since when it is that. */
export type Proof = { passwordHash: string; passwordSince: string }

/** `passwordSince` is null where no password was asked for. */
export type ProvenOwner = { userId: number; sessionId: string; passwordSince: string | null }

export type AccountChange = {
  username?: string | undefined
  passwordHash?: string | undefined
  /** Asked for with a mail to the new address; it is the account's once that was answered. */
  newEmail?: { userEmail: string; tokenHash: Buffer } | undefined
  letters: readonly SealedLetter[]
  at: Date
}

export type Conflict = 'username_taken' | 'email_taken'
export type Registered = { account: Account; session: Session }

/** `passwordSince` is another one after each change of the password, but not after a rehash of the same one. */
export type Known = { account: Account; passwordHash: string; passwordSince: string }

export type AccountStore = {
  /** Writes the account, its first session and `user.registered` together, or says which name is taken. */
  register(account: NewAccount, welcome: Welcome, by: By): Promise<Registered | Conflict>
  /** Writes an account that nobody has signed in to yet. */
  create(account: NewAccount): Promise<Account | Conflict>
  find(userId: number): Promise<Account | null>
  findProof(userId: number): Promise<Proof | null>
  isEmailTaken(userEmail: string): Promise<boolean>
  /**
   * Changes all of it or nothing; `null` when the password is not the proven one any more. A new password ends all
   * sessions but the given one. Throws a Problem, as deletion does, when that one has ended.
   */
  change(owner: ProvenOwner, change: AccountChange, by: By): Promise<Account | Conflict | null>
  /** Erases the account and tells the other services; the last member of the staff stays. */
  delete(owner: ProvenOwner, by: By): Promise<'deleted' | 'last_staff' | 'stale'>
  hasStaff(): Promise<boolean>
  /** By username or e-mail, case-insensitive; `null` when there is none. */
  findForLogin(name: LoginName): Promise<Known | null>
}

export type LoginName = { username: string } | { userEmail: string }
