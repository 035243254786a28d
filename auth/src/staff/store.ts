import type { Account } from '../account/account.ts'
import type { Conflict, NewAccount } from '../account/store.ts'
import type { By } from '../audit/audit.ts'
import type { ChangeNotice } from '../email/store.ts'

export type UserFilter = {
  /** A part of the username or of the e-mail address, in any case. */
  query: string | null
  status: Account['status'] | null
  role: string | null
  limit: number
  before: number | null
}

export type UserChange = {
  username?: string | undefined
  newEmail?: { userEmail: string; notice: ChangeNotice } | undefined
  roles?: readonly string[] | undefined
  status?: Account['status'] | undefined
}

/**
 * Whatever changes something keeps an audit entry of it in the same transaction; what is so already leaves none. In that
 * transaction whoever asks is still one of the staff and signed in, or it throws a Problem.
 */
export type UserStore = {
  /** Newest first, at most `limit`, and only those older than the account `before`; `null` filters nothing. */
  list(filter: UserFilter): Promise<Account[]>
  find(userId: number): Promise<Account | null>
  create(account: NewAccount, by: By): Promise<Account | Conflict>
  /**
   * Changes all of it or nothing; `null` when there is no such account. Other roles and `disabled` end its sessions. A
   * new e-mail address is not verified, what was mailed to the old one is void, and the old one is told.
   */
  change(userId: number, change: UserChange, by: By): Promise<Account | Refusal | null>
  /** `null` when there is no such account. */
  delete(userId: number, by: By): Promise<'deleted' | 'last_staff' | null>
  /** Ends all sessions; `false` when there is no such account. */
  endSessions(userId: number, by: By): Promise<boolean>
}

/** `last_staff`: no active account with the role staff would be left. */
export type Refusal = Conflict | 'last_staff'
