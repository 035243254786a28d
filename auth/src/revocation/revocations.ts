/** Sessions that have ended while access tokens of theirs may still be alive. */
export type Revocations = AsyncDisposable & {
  /** Known without asking: only while this process is sure to hear of every ended session. */
  isSurelyAlive(sessionId: string): boolean
  /** Asks the database while this process does not hear of ended sessions. */
  isRevoked(sessionId: string): Promise<boolean>
  /** What this process has ended itself, which it need not wait to hear. */
  note(sessionIds: readonly string[]): void
}
