import type { Account } from '../account/account.ts'
import type { Credentials } from '../account/store.ts'
import type { By, Origin } from '../audit/audit.ts'
import type { SealedMail } from '../mail-token/mail.ts'
import type { NewSession, Session } from './session.ts'

export type StoredSession = Session & { createdAt: Date; lastUsedAt: Date; account: Account }

export type Started = { account: Account; session: Session }

/** A signed-in user, and the session that they ask from. */
export type SessionOwner = { userId: number; sessionId: string }

export type DeviceNotice = () => Promise<SealedMail>

export type SessionEntry = Origin & { sessionId: string; createdAt: Date; lastUsedAt: Date }

/**
 * Ending a session deletes its row. In the same transaction its id is noted as revoked and every auth process is told, so
 * that access tokens of it that have not expired are refused everywhere at once.
 */
export type SessionStore = {
  /**
   * Ends the oldest sessions of the account when there would be too many. Tells the owner by mail when none of the other
   * sessions is from this device. Returns the account as it is by then: the tokens tell the roles of that moment. Returns
   * `null` when the account was disabled, deleted or given another password since it was read: a session that starts then
   * must not outlive the end of all others.
   */
  start(
    found: Credentials,
    session: NewSession,
    by: By,
    notice: DeviceNotice,
  ): Promise<Started | null>
  find(sessionId: string): Promise<StoredSession | null>
  /**
   * Moves the counter on by one if it is still the given one, else returns `null`. Calls for the same session at the same
   * moment may share one rotation.
   */
  rotate(session: Session, at: Date): Promise<Session | null>
  /** Returns `false` when the account has no such session. */
  end(userId: number, sessionId: string): Promise<boolean>
  /** Ends a session whose token was used twice, and notes it in the audit. Returns `false` when it has ended already. */
  endStolen(userId: number, sessionId: string, by: By): Promise<boolean>
  /** `session_ended`: the session that the owner asks from has ended. */
  endChosen(
    owner: SessionOwner,
    chosenSessionId: string,
  ): Promise<'ended' | 'not_found' | 'session_ended'>
  endOthers(owner: SessionOwner): Promise<'ended' | 'session_ended'>
  /** Newest first. */
  list(userId: number): Promise<SessionEntry[]>
}
