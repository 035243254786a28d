/** Sessions that have ended while access tokens of theirs may still be alive. */
export type Revocations = AsyncDisposable & {
  /** Answers at once while this process is sure to hear of every ended session, and asks the database while it is not. */
  isRevoked(sessionId: string): boolean | Promise<boolean>
  /** What this process has ended itself, which it need not wait to hear. */
  note(sessionIds: readonly string[]): void
}
