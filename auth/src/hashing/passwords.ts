export type Passwords = {
  /** Throws a BusyError when too many wait for a hash, or the wait takes too long. */
  hash(password: string): Promise<string>
  /** Whether the hash was made with other parameters than those in force. */
  isOutdated(hash: string): boolean
  /**
   * A wrong password takes the same time whatever the hash is; nothing matches `null`. Only the first outdated hash of its
   * kind since the start takes longer than the checks before it.
   */
  matches(password: string, hash: string | null): Promise<boolean>
}
