import { Problem } from '@ego/kit/problem'
import { type Attempts, subjectOf } from '../attempt/attempts.ts'
import type { Passwords } from '../password/passwords.ts'
import { type Account, password } from './account.ts'
import type { AccountStore } from './store.ts'

export type ProofDeps = { accounts: AccountStore; passwords: Passwords; attempts: Attempts }

/** Guessed at like a login, so it is counted like one. Answers since when the proven password holds. */
export function provePassword(deps: ProofDeps) {
  const tryPassword = countedTry(deps)
  return async (userId: number, password: string, ip: string): Promise<string> => {
    const passwordSince = await tryPassword(userId, password, ip)
    if (passwordSince === null) throw wrongPassword()
    await deps.attempts.forgive({ subject: subjectOf(userId), ip })
    return passwordSince
  }
}

export function wrongPassword(): Problem {
  return new Problem(403, 'wrong_password', 'The current password is wrong.')
}

type NewNames = { username?: string | undefined; user_email?: string | undefined }
/** Proven, where it is given. */
type Known = { current_password?: string | undefined }

/**
 * Refuses a new name or address that is the password, which stays as it is. Renaming must be no cheaper way to guess it
 * than a login: it is counted like a miss there, and never forgives earlier ones.
 */
export function refusePasswordAsName(deps: ProofDeps) {
  const tryPassword = countedTry(deps)
  return async (account: Account, names: NewNames & Known, ip: string): Promise<void> => {
    const { username, user_email, current_password } = names
    if (current_password !== undefined)
      return refuseSame({ username, user_email }, current_password)
    if (username === undefined || username === account.username) return
    // What no password can be need not be tried.
    if (!password.safeParse(username).success) return
    if (await tryPassword(account.userId, username, ip)) throw isPassword('username')
  }
}

function refuseSame({ username, user_email }: NewNames, password: string): void {
  const given = password.toLowerCase()
  if (username?.toLowerCase() === given) throw isPassword('username')
  if (user_email?.toLowerCase() === given) throw isPassword('user_email')
}

function countedTry({ accounts, passwords, attempts }: ProofDeps) {
  return async (userId: number, password: string, ip: string): Promise<string | null> => {
    const proof = await accounts.findProof(userId)
    const isRight = await attempts.make({ subject: subjectOf(userId), ip }, () =>
      passwords.matches(password, proof?.passwordHash ?? null),
    )
    return isRight && proof ? proof.passwordSince : null
  }
}

function isPassword(field: 'username' | 'user_email'): Problem {
  const message = 'This is your password. Choose something that others may see.'
  return new Problem(422, 'validation_failed', 'Some fields are not as they should be.', {
    errors: [{ pointer: `#/${field}`, message }],
  })
}
