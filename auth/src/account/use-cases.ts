import { networkOf } from '@ego/kit/http/client-ip'
import { Problem } from '@ego/kit/http/problem'
import { StartError } from '@ego/kit/process/start-error'
import type { By } from '../audit/audit.ts'
import type { takeQuota } from '../guessing/guess-limiter-key-value.ts'
import type { Quotas } from '../guessing/quotas.ts'
import type { CommonPasswords } from '../hashing/common-passwords.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { refuseGuessable } from '../hashing/rules.ts'
import type { Letters } from '../mail-token/mail.ts'
import { newSession } from '../session/session.ts'
import type { Account } from './account.ts'
import type { AccountStore, Conflict } from './store.ts'

export type Registration = { username: string; password: string; user_email: string }

type Deps = {
  accounts: AccountStore
  passwords: Passwords
  commonPasswords: CommonPasswords
  letters: Letters
  takeQuota: ReturnType<typeof takeQuota>
  quotas: Quotas
  now: () => number
}

export function registerAccount(deps: Deps) {
  const { accounts, passwords, commonPasswords, letters, takeQuota, quotas, now } = deps
  return async (registration: Registration, by: By) => {
    const { username, password, user_email: userEmail } = registration
    refuseGuessable(commonPasswords, { password, username, userEmail })
    await takeQuota(quotas.registrationsOfIp, networkOf(by.ip))
    const passwordHash = await passwords.hash(password)
    const mailed = await letters.sealToken('welcome_verify', { userEmail, username })
    const session = newSession(by, now())
    const account = { username, userEmail, passwordHash, roles: [] }
    const registered = await accounts.register(account, { session, ...mailed }, by)
    if (typeof registered === 'string') throw taken(registered)
    return registered
  }
}

export function readOwnAccount({ accounts }: Pick<Deps, 'accounts'>) {
  return async (userId: number): Promise<Account> => {
    const account = await accounts.find(userId)
    if (account) return account
    throw new Problem(404, 'user_not_found', 'This account was deleted.')
  }
}

export type Admin = { username: string; userEmail: string; password: string }

/** Makes the first staff account; a later start finds somebody who is staff, whatever the name is by then. */
export function ensureAdmin({ accounts, passwords }: Pick<Deps, 'accounts' | 'passwords'>) {
  return async ({ username, userEmail, password }: Admin): Promise<void> => {
    if (await accounts.hasStaff()) return
    const passwordHash = await passwords.hash(password)
    const created = await accounts.create({ username, userEmail, passwordHash, roles: ['staff'] })
    if (typeof created !== 'string' || (await accounts.hasStaff())) return
    const variable = created === 'email_taken' ? 'ADMIN_EMAIL' : 'ADMIN_USERNAME'
    throw new StartError(`${variable} belongs to another account: choose another one.`)
  }
}

export function taken(conflict: Conflict): Problem {
  const text =
    conflict === 'username_taken'
      ? 'This username is taken. Choose another one.'
      : 'There is an account with this e-mail address. Sign in, or reset its password.'
  return new Problem(409, conflict, text)
}
