import type { Account } from './account.ts'

export type NewAccount = {
  username: string
  userEmail: string
  passwordHash: string
  roles: readonly string[]
}

/** `passwordSince` changes with the password, but not when the same one is hashed again. */
export type Proof = { passwordHash: string; passwordSince: string }

export type Credentials = Proof & { account: Account }

export type LoginName = { username: string } | { userEmail: string }

/** The session of a member of staff has ended since the request came, or the role is gone. */
export type StaffRefusal = 'session_ended' | 'staff_only'

export type Conflict = 'username_taken' | 'email_taken'

export type AccountStore = {
  /** Writes an account without a session, and `user.registered` with it. */
  create(account: NewAccount): Promise<Account | Conflict>
  find(userId: number): Promise<Account | null>
  /** By username or e-mail, case-insensitive. */
  findForLogin(name: LoginName): Promise<Credentials | null>
  findProof(userId: number): Promise<Proof | null>
  hasStaff(): Promise<boolean>
  isEmailTaken(userEmail: string): Promise<boolean>
  /** The same password under new parameters; skipped when the hash has changed meanwhile. */
  rehash(userId: number, oldHash: string, newHash: string): Promise<void>
}
