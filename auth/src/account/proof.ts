import { Problem } from '@ego/kit/problem'
import { invalidField } from '@ego/kit/validation'
import { type Attempts, subjectOf } from '../attempt/attempts.ts'
import type { Passwords } from '../password/passwords.ts'
import { endedSession } from '../verify/access-token.ts'
import { type Account, password as passwordSchema } from './account.ts'
import type { AccountStore } from './store.ts'

export type ProofDeps = { accounts: AccountStore; passwords: Passwords; attempts: Attempts }

/** Guessed at like a login, so it is counted like one. Answers since when the proven password holds. */
export function provePassword(deps: ProofDeps) {
  const attemptPassword = passwordAttempt(deps)
  return async (userId: number, password: string, ip: string): Promise<string> => {
    const passwordSince = await attemptPassword(userId, password, ip)
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
type GivenProof = { current_password?: string | undefined }

/**
 * Refuses a new name or address that is the password, which stays as it is. Renaming must be no cheaper way to guess it
 * than a login: it is counted like a miss there, and never forgives earlier ones.
 */
export function refusePasswordAsName(deps: ProofDeps) {
  const attemptPassword = passwordAttempt(deps)
  return async (account: Account, names: NewNames & GivenProof, ip: string): Promise<void> => {
    const { username, user_email, current_password } = names
    if (current_password !== undefined)
      return refuseSame({ username, user_email }, current_password)
    if (username === undefined || username === account.username) return
    // What can be no password need not be checked.
    if (!passwordSchema.safeParse(username).success) return
    if (await attemptPassword(account.userId, username, ip)) throw isPassword('username')
  }
}

/**
 * In any case, as a new password is compared with the names: who knows the one has next to nothing left to guess. A hash
 * cannot be asked that, so without the current password only the password itself is found.
 */
function refuseSame({ username, user_email }: NewNames, password: string): void {
  const given = password.toLowerCase()
  if (username?.toLowerCase() === given) throw isPassword('username')
  if (user_email?.toLowerCase() === given) throw isPassword('user_email')
}

function passwordAttempt({ accounts, passwords, attempts }: ProofDeps) {
  return async (userId: number, password: string, ip: string): Promise<string | null> => {
    const proof = await accounts.findProof(userId)
    // Its sessions went with the account: nobody has guessed anything.
    if (!proof) throw endedSession()
    const isRight = await attempts.make({ subject: subjectOf(userId), ip }, () =>
      passwords.matches(password, proof.passwordHash),
    )
    return isRight ? proof.passwordSince : null
  }
}

function isPassword(field: 'username' | 'user_email'): Problem {
  return invalidField(`#/${field}`, 'This is your password. Choose something that others may see.')
}
