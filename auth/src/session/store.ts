import type { Account } from '../account/account.ts'
import type { Known } from '../account/store.ts'
import type { By } from '../audit/audit.ts'
import type { SealedLetter } from '../mail-token/mail.ts'
import type { NewSession, Origin, Session } from './session.ts'

export type StoredSession = Session & { createdAt: Date; lastUsedAt: Date; account: Account }

export type Started = { account: Account; session: Session }

/** Who is signed in, and where. */
export type SessionOwner = { userId: number; sessionId: string }

export type DeviceNotice = () => Promise<SealedLetter>

export type SessionEntry = Origin & { sessionId: string; createdAt: Date; lastUsedAt: Date }

/**
 * An ended session is gone with its row. In the same transaction its id is noted as revoked, and every auth process is
 * told, so that access tokens of it that are still alive are refused everywhere at once.
 */
export type SessionStore = {
  /**
   * Ends the oldest ones of the account when there would be too many. The owner is told by mail when the account is used
   * from a device that none of its other sessions has. Answers the account as it is by then: its tokens tell the roles of
   * the moment of the start. `null` when it was disabled, deleted or given another password since it was read: a session
   * that starts then must not outlive the end of all others.
   */
  start(known: Known, session: NewSession, by: By, notice: DeviceNotice): Promise<Started | null>
  find(sessionId: string): Promise<StoredSession | null>
  /**
   * Moves the counter on by one if it is still the given one, else `null`. Those who ask for the same at the same moment
   * may share one rotation.
   */
  rotate(session: Session, at: Date): Promise<Session | null>
  /** `false` when the account has no such session. */
  end(userId: number, sessionId: string): Promise<boolean>
  /** Ends a session whose token was used twice, and notes it. `false` when it has ended already. */
  endStolen(userId: number, sessionId: string, by: By): Promise<boolean>
  /** Ends the chosen one; `false` as for `end`. Throws a Problem when the session that the owner asks from has ended. */
  endChosen(owner: SessionOwner, chosenSessionId: string): Promise<boolean>
  /** Throws a Problem when the one that is kept has ended. */
  endOthers(userId: number, keptSessionId: string): Promise<void>
  /** Newest first. */
  list(userId: number): Promise<SessionEntry[]>
}
