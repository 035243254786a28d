import type { Account } from '../account/account.ts'
import type { Conflict, NewAccount, StaffRefusal } from '../account/store.ts'
import type { By } from '../audit/audit.ts'
import type { EmailChangeNotice, TokenMail } from '../mail-token/mail.ts'

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
  newEmail?: { userEmail: string; notice: EmailChangeNotice } | undefined
  roles?: readonly string[] | undefined
  status?: Account['status'] | undefined
}

export type ResetRequest = TokenMail & { userId: number; userEmail: string; at: Date }

/** Why a change of one user is not made. */
export type UserRefusal = StaffRefusal | 'not_found'

/** `last_staff`: no active account with the role staff would be left. */
export type Refusal = UserRefusal | Conflict | 'last_staff'

/**
 * A change keeps an audit entry in the same transaction; one that changes nothing leaves none. The transaction checks
 * first that the actor is still signed in and one of the staff.
 */
export type UserStore = {
  /** Newest first, at most `limit`, and only those older than the account `before`; `null` filters nothing. */
  list(filter: UserFilter): Promise<Account[]>
  find(userId: number): Promise<Account | null>
  create(account: NewAccount, by: By): Promise<Account | StaffRefusal | Conflict>
  /**
   * Changes all of it or nothing. Other roles and `disabled` end all sessions of the user. A new e-mail address is not
   * verified, what was mailed to the old one is void, and the old one is told.
   */
  change(userId: number, change: UserChange, by: By): Promise<Account | Refusal>
  delete(userId: number, by: By): Promise<'deleted' | UserRefusal | 'last_staff'>
  /** Ends all sessions. */
  endSessions(userId: number, by: By): Promise<'ended' | UserRefusal>
  /** Writes the token and asks for its mail together; an earlier token is replaced. */
  requestReset(request: ResetRequest, by: By): Promise<'requested' | 'disabled' | UserRefusal>
}
