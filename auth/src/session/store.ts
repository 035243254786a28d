import type { Account } from '../account/account.ts'
import type { NewSession, Origin, Session } from './session.ts'

export type StoredSession = Session & { createdAt: Date; lastUsedAt: Date; account: Account }

export type SessionEntry = Origin & { sessionId: string; createdAt: Date; lastUsedAt: Date }

/**
 * An ended session is gone with its row. In the same transaction its id is noted as revoked, and every auth process is
 * told, so that access tokens of it that are still alive are refused everywhere at once.
 */
export type SessionStore = {
  /** Ends the oldest ones of the account when there would be too many. */
  start(userId: number, session: NewSession): Promise<Session>
  find(sessionId: string): Promise<StoredSession | null>
  /** Moves the counter on if it is still the given one: of many at once one wins, `null` for the others. */
  rotate(session: Pick<Session, 'sessionId' | 'counter'>, at: Date): Promise<Session | null>
  /** `false` when the account has no such session. */
  end(userId: number, sessionId: string): Promise<boolean>
  endOthers(userId: number, keptSessionId: string): Promise<void>
  /** Newest first. */
  list(userId: number): Promise<SessionEntry[]>
}
