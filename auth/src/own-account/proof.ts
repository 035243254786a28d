import { Problem } from '@ego/kit/http/problem'
import { invalidField } from '@ego/kit/http/validation'
import { type Account, password as passwordSchema } from '../account/account.ts'
import type { AccountStore } from '../account/store.ts'
import { type Attempts, subjectOf } from '../guessing/guess-limiter-key-value.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { endedSession } from '../session/access-token.ts'
import type { SessionStore } from '../session/store.ts'
import { requireSession } from '../session/use-cases.ts'

export type ProofDeps = {
  accounts: Pick<AccountStore, 'findProof'>
  sessions: Pick<SessionStore, 'find'>
  passwords: Pick<Passwords, 'matches'>
  attempts: Attempts
}

/** Who proves: only somebody whose session is alive learns whether the password was right. */
export type Prover = { userId: number; sessionId: string; ip: string }

/** Guessed at like a login, so it is counted like one. Answers since when the proven password holds. */
export function provePassword(deps: ProofDeps) {
  const attemptPassword = passwordAttempt(deps)
  return async (prover: Prover, password: string): Promise<string> => {
    const passwordSince = await attemptPassword(prover, password)
    if (passwordSince === null) throw wrongPassword()
    await deps.attempts.forgive({ subject: subjectOf(prover.userId), ip: prover.ip })
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
  return async (account: Account, names: NewNames & GivenProof, prover: Prover): Promise<void> => {
    const { username, user_email, current_password } = names
    if (current_password !== undefined)
      return refuseSame({ username, user_email }, current_password)
    if (username === undefined || username === account.username) return
    // What can be no password need not be checked.
    if (!passwordSchema.safeParse(username).success) return
    if (await attemptPassword(prover, username)) throw isPassword('username')
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

function passwordAttempt({ accounts, sessions, passwords, attempts }: ProofDeps) {
  const requireAlive = requireSession({ sessions })
  return async (prover: Prover, password: string): Promise<string | null> => {
    const { userId, sessionId, ip } = prover
    const proof = await accounts.findProof(userId)
    // Its sessions went with the account: nobody has guessed anything.
    if (!proof) throw endedSession()
    const isRight = await attempts.make({ subject: subjectOf(userId), ip }, async () => {
      await requireAlive(sessionId)
      const matches = await passwords.matches(password, proof.passwordHash)
      // Once more, because hashes wait for each other: what throws here is neither counted nor forgiven.
      await requireAlive(sessionId)
      return matches
    })
    return isRight ? proof.passwordSince : null
  }
}

function isPassword(field: 'username' | 'user_email'): Problem {
  return invalidField(`#/${field}`, 'This is your password. Choose something that others may see.')
}
