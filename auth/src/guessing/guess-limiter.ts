/** What is guessed at, and from where: the id of an account, or a name that no account has. */
export type Guess = { target: number | string; ip: string }

/**
 * Limits how often passwords may be guessed. Misses are counted for an account and a network together: an attacker only
 * delays their own network, and the owner still gets in from elsewhere.
 */
export type GuessLimiter = {
  /**
   * Returns what the check says; `false` is a miss. No more checks run at once than misses are left, so that sending many
   * at once is no way around; the others wait. Throws a 429 Problem when none are left. A check that throws does not
   * count. A miss that the store does not take is answered all the same and counted later: until then nothing more is
   * checked for the account from there, nor for others from the same network, and every attempt, right or wrong, gets the
   * error of the store.
   */
  attempt(guess: Guess, check: () => Promise<boolean>): Promise<boolean>
  /** Forgets the misses for the account from this network. */
  forgive(guess: Guess): Promise<void>
}
