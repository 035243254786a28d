import { Problem } from '@ego/kit/http/problem'
import type { AccountStore, LoginName } from '../account/store.ts'
import type { By } from '../audit/audit.ts'
import { type Attempts, subjectOf, subjectOfStranger } from '../guessing/guess-limiter-key-value.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { type Letters, noticeTo } from '../mail-token/mail.ts'
import type { PasswordStore } from '../password/store.ts'
import { endedSession } from './access-token.ts'
import type { RefreshTokens } from './refresh-token.ts'
import { hasExpired, isInGrace, newSession } from './session.ts'
import type { SessionOwner, SessionStore, StoredSession } from './store.ts'

type Deps = {
  accounts: AccountStore
  sessions: SessionStore
  passwords: Passwords
  passwordStore: PasswordStore
  attempts: Attempts
  letters: Letters
  refreshTokens: RefreshTokens
  now: () => number
}

type SignInDeps = Omit<Deps, 'refreshTokens'>

export function signIn(deps: SignInDeps) {
  const { accounts, sessions, passwords, attempts, letters, now } = deps
  return async (name: LoginName, password: string, by: By) => {
    const found = await accounts.findForLogin(name)
    const typed = Object.values(name).join()
    const subject = found ? subjectOf(found.account.userId) : subjectOfStranger(typed)
    const attempt = { subject, ip: by.ip }
    const known = found?.account.status === 'active' ? found.passwordHash : null
    // Checked for nobody too: the time of the answer must not tell who has an account.
    const isRight = await attempts.make(attempt, () => passwords.matches(password, known))
    if (!found || !isRight) throw badCredentials()
    const { account, passwordHash } = found
    await attempts.forgive(attempt)
    await renewHash(deps, account.userId, password, passwordHash)
    const started = await sessions.start(found, newSession(by, now()), by, () =>
      letters.seal('new_device', noticeTo(account, by, new Date(now()))),
    )
    if (!started) throw badCredentials()
    return started
  }
}

type RenewDeps = Pick<Deps, 'passwords' | 'passwordStore'>

/** The one moment when the password is at hand to be hashed under new parameters. */
async function renewHash(
  { passwords, passwordStore }: RenewDeps,
  userId: number,
  password: string,
  hash: string,
): Promise<void> {
  if (!passwords.isOutdated(hash)) return
  await passwordStore.rehash(userId, hash, await passwords.hash(password))
}

/** Answers the account and the session whose tokens are to be issued. */
export function refreshSession({
  sessions,
  refreshTokens,
  now,
}: Pick<Deps, 'sessions' | 'refreshTokens' | 'now'>) {
  return async (token: string, by: By) => {
    const claim = refreshTokens.parse(token)
    if (!claim) throw refused('refresh_token_invalid', 'This is not a refresh token.')
    const session = await sessions.find(claim.sessionId)
    if (!session) throw ended()
    if (!refreshTokens.isAuthentic(claim, session.secret)) {
      throw refused('refresh_token_invalid', 'This refresh token was not made by this platform.')
    }
    if (session.account.status === 'disabled' || hasExpired(session, now())) {
      await sessions.end(session.account.userId, session.sessionId)
      throw ended()
    }
    return rotate(session, claim.counter, by)
  }

  async function rotate(session: StoredSession, counter: number, by: By) {
    const { account } = session
    if (counter === session.counter) {
      const rotated = await sessions.rotate(session, new Date(now()))
      if (rotated) return { account, session: rotated }
      // Another request with the same token was faster; its answer is ours too.
      const current = await sessions.find(session.sessionId)
      if (!current) throw ended()
      return rotate(current, counter, by)
    }
    if (isInGrace(session, counter, now())) return { account, session }
    if (!(await sessions.endStolen(account.userId, session.sessionId, by))) throw ended()
    const text = 'This refresh token was used before, so the session has been ended. Sign in again.'
    throw refused('refresh_token_reused', text)
  }
}

export function signOut({ sessions }: Pick<Deps, 'sessions'>) {
  return async (userId: number, sessionId: string): Promise<void> => {
    await sessions.end(userId, sessionId)
  }
}

export function endSession({ sessions }: Pick<Deps, 'sessions'>) {
  return async (owner: SessionOwner, chosenSessionId: string): Promise<void> => {
    if (await sessions.endChosen(owner, chosenSessionId)) return
    throw new Problem(404, 'session_not_found', 'You have no such session; it may have ended.')
  }
}

/** Looks at the row: this process may not have heard of the end yet, and the request may have waited since it came. */
export function requireSession({ sessions }: { sessions: Pick<SessionStore, 'find'> }) {
  return async (sessionId: string): Promise<void> => {
    if (!(await sessions.find(sessionId))) throw endedSession()
  }
}

function badCredentials(): Problem {
  return refused('bad_credentials', 'The name or the password is wrong.')
}

function ended(): Problem {
  return refused('session_ended', 'This session has ended. Sign in again.')
}

function refused(code: string, text: string): Problem {
  return new Problem(401, code, text, { headers: { 'www-authenticate': 'Bearer' } })
}
