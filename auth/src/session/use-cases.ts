import { Problem } from '@ego/kit/problem'
import type { AccountStore, LoginName } from '../account/store.ts'
import type { Passwords } from '../password/passwords.ts'
import { newSession, type Origin } from './session.ts'
import type { SessionStore } from './store.ts'

type Deps = { accounts: AccountStore; sessions: SessionStore; passwords: Passwords }

export function signIn({ accounts, sessions, passwords }: Deps) {
  return async (name: LoginName, password: string, origin: Origin) => {
    const found = await accounts.findForLogin(name)
    // Checked for an unknown name too: the time of the answer must not tell who has an account.
    const isRight = await passwords.matches(password, found?.passwordHash ?? null)
    if (!found || !isRight || found.account.isDisabled) throw badCredentials()
    const session = await sessions.start(found.account.userId, newSession(origin))
    return { account: found.account, session }
  }
}

function badCredentials(): Problem {
  return new Problem(401, 'bad_credentials', 'The name or the password is wrong.', {
    headers: { 'www-authenticate': 'Bearer' },
  })
}
