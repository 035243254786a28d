export type Passwords = {
  /** Throws a 503 Problem when too many are waiting, or its turn comes too late. */
  hash(password: string): Promise<string>
  /** Made with other parameters than those in force. */
  isOutdated(hash: string): boolean
  /**
   * A wrong one takes the same time whatever the hash is, `null` too: nobody's, which nothing matches. Only the first
   * outdated hash of its kind since the start takes longer than what was asked before it.
   */
  matches(password: string, hash: string | null): Promise<boolean>
}
