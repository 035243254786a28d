/** What is guessed at, and from where. The subject is one name for an account, however it was typed. */
export type Guess = { subject: string; ip: string }

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

/** An id cannot be mistaken for a name: no name has a colon. */
export function subjectOf(userId: number): string {
  return `id:${userId}`
}

/**
 * A name that no account has. Lower case by character, as Postgres does it: if `İ` became another character here than
 * there, the count would tell which names have an account.
 */
export function subjectOfStranger(name: string): string {
  const characters = Array.from(name, (each) => Array.from(each.toLowerCase())[0])
  return `name:${characters.join('')}`
}
