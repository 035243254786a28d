/** Sessions that have ended while access tokens of theirs may not have expired yet. */
export type Revocations = AsyncDisposable & {
  /** Known without asking the database; only while this process hears of every ended session. */
  isSurelyAlive(sessionId: string): boolean
  /** Asks the database while this process does not hear of ended sessions. */
  isRevoked(sessionId: string): Promise<boolean>
  /** Notes sessions that this process has ended itself, so that it need not wait to hear of them. */
  note(sessionIds: readonly string[]): void
}
