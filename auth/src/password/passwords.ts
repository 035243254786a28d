export type Passwords = {
  /** Throws a 503 Problem when too many are waiting. */
  hash(password: string): Promise<string>
  /** Made with other parameters than those in force. */
  isOutdated(hash: string): boolean
  /** With `null` for an account that is not there it takes the same time and says no. */
  matches(password: string, hash: string | null): Promise<boolean>
}
