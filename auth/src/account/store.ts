import type { NewSession, Session } from '../session/session.ts'
import type { Account } from './account.ts'

export type NewAccount = {
  username: string
  userEmail: string
  passwordHash: string
  roles: readonly string[]
}

export type Conflict = 'username_taken' | 'email_taken'
export type Registered = { account: Account; session: Session }

export type AccountStore = {
  /** Writes the account, its first session and `user.registered` together, or says which name is taken. */
  register(
    account: NewAccount,
    session: NewSession,
    requestId: string | null,
  ): Promise<Registered | Conflict>
  /** Writes an account that nobody has signed in to yet. */
  create(account: NewAccount): Promise<Account | Conflict>
  /** By username or e-mail, case-insensitive; `null` when there is none. */
  findForLogin(name: LoginName): Promise<{ account: Account; passwordHash: string } | null>
}

export type LoginName = { username: string } | { userEmail: string }
