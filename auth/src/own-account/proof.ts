import { Problem } from '@ego/kit/http/problem'
import { invalidField } from '@ego/kit/http/validation'
import { z } from '@hono/zod-openapi'
import { type Account, password as passwordSchema } from '../account/account.ts'
import type { AccountStore } from '../account/store.ts'
import type { GuessLimiter } from '../guessing/guess-limiter.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { endedSession, requireSession } from '../session/session-check.ts'
import type { SessionStore } from '../session/store.ts'

export const provenPassword = z.string().min(1).max(512).openapi({ format: 'password' })

/** What every operation that wants the current password may refuse. */
export const proofProblems = {
  403: '`wrong_password`',
  429: '`too_many_attempts`, `too_many_requests`',
} as const

export type ProofDeps = {
  accounts: Pick<AccountStore, 'findProof'>
  sessions: Pick<SessionStore, 'find'>
  passwords: Pick<Passwords, 'matches'>
  guesses: GuessLimiter
}

/** The user who proves: only while the session has not ended do they learn whether the password was right. */
export type Prover = { userId: number; sessionId: string; ip: string }

/** Guesses of it are counted like those of a login. Returns since when the proven password holds. */
export async function provePassword(
  deps: ProofDeps,
  prover: Prover,
  password: string,
): Promise<string> {
  const passwordSince = await attemptPassword(deps, prover, password)
  if (passwordSince === null) throw wrongPassword()
  await deps.guesses.forgive({ target: prover.userId, ip: prover.ip })
  return passwordSince
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
export async function refusePasswordAsName(
  deps: ProofDeps,
  account: Account,
  { username, user_email, current_password }: NewNames & GivenProof,
  prover: Prover,
): Promise<void> {
  if (current_password !== undefined) return refuseSame({ username, user_email }, current_password)
  if (username === undefined || username === account.username) return
  // What can be no password need not be checked.
  if (!passwordSchema.safeParse(username).success) return
  if (await attemptPassword(deps, prover, username)) throw isPassword('username')
}

/**
 * In any case, as a new password is compared with the names: a name in another case leaves next to nothing to guess. A hash
 * cannot be compared that way, so without the current password only the password itself is found.
 */
function refuseSame({ username, user_email }: NewNames, password: string): void {
  const given = password.toLowerCase()
  if (username?.toLowerCase() === given) throw isPassword('username')
  if (user_email?.toLowerCase() === given) throw isPassword('user_email')
}

async function attemptPassword(
  { accounts, sessions, passwords, guesses }: ProofDeps,
  { userId, sessionId, ip }: Prover,
  password: string,
): Promise<string | null> {
  const proof = await accounts.findProof(userId)
  // Its sessions went with the account: this is no guess.
  if (!proof) throw endedSession()
  const isRight = await guesses.attempt({ target: userId, ip }, async () => {
    await requireSession(sessions, sessionId)
    const matches = await passwords.matches(password, proof.passwordHash)
    // Once more, because hashes wait for each other: what throws here is neither counted nor forgiven.
    await requireSession(sessions, sessionId)
    return matches
  })
  return isRight ? proof.passwordSince : null
}

function isPassword(field: 'username' | 'user_email'): Problem {
  return invalidField(`#/${field}`, 'This is your password. Choose something that others may see.')
}
