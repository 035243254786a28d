import { Problem } from '@ego/kit/problem'
import type { Passwords } from '../password/passwords.ts'
import { newSession, type Origin } from '../session/session.ts'
import { isOwnName } from './account.ts'
import type { AccountStore, Conflict } from './store.ts'

export type Registration = { username: string; password: string; user_email: string }

type Deps = { accounts: AccountStore; passwords: Passwords; now: () => number }

export function registerAccount({ accounts, passwords, now }: Deps) {
  return async (registration: Registration, origin: Origin, requestId: string) => {
    if (isOwnName(registration)) throw guessable()
    const account = {
      username: registration.username,
      userEmail: registration.user_email,
      passwordHash: await passwords.hash(registration.password),
      roles: [],
    }
    const registered = await accounts.register(account, newSession(origin, now()), requestId)
    if (typeof registered === 'string') throw taken(registered)
    return registered
  }
}

export type Admin = { username: string; userEmail: string; password: string }

/** Makes the first staff account; a second start finds its name taken and leaves it as it is. */
export function ensureAdmin({ accounts, passwords }: Pick<Deps, 'accounts' | 'passwords'>) {
  return async ({ username, userEmail, password }: Admin): Promise<void> => {
    if (await accounts.findForLogin({ username })) return
    const passwordHash = await passwords.hash(password)
    await accounts.create({ username, userEmail, passwordHash, roles: ['staff'] })
  }
}

function guessable(): Problem {
  const message = 'Choose a password that is not your username or e-mail address.'
  return new Problem(422, 'validation_failed', 'Some fields are not as they should be.', {
    errors: [{ pointer: '#/password', message }],
  })
}

function taken(conflict: Conflict): Problem {
  const text =
    conflict === 'username_taken'
      ? 'This username is taken. Choose another one.'
      : 'There is an account with this e-mail address. Sign in, or reset its password.'
  return new Problem(409, conflict, text)
}
