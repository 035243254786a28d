import { StartError } from '@ego/kit/process/start-error'
import type { AccountStore } from '../account/store.ts'
import type { Passwords } from '../hashing/passwords.ts'

type Config = {
  ADMIN_USERNAME?: string | undefined
  ADMIN_EMAIL?: string | undefined
  ADMIN_PASSWORD?: string | undefined
}

type Deps = {
  accounts: Pick<AccountStore, 'hasStaff' | 'create'>
  passwords: Pick<Passwords, 'hash'>
}

/** Makes the first staff account. A later start finds an account that is staff, whatever its name is by then. */
export async function ensureFirstAdmin(config: Config, { accounts, passwords }: Deps) {
  const { ADMIN_USERNAME: username, ADMIN_EMAIL: userEmail, ADMIN_PASSWORD: password } = config
  if (!username && !userEmail && !password) return
  if (!username || !userEmail || !password) {
    throw new StartError(
      'ADMIN_USERNAME, ADMIN_EMAIL and ADMIN_PASSWORD go together: set all or none.',
    )
  }
  if (await accounts.hasStaff()) return
  const passwordHash = await passwords.hash(password)
  const created = await accounts.create({ username, userEmail, passwordHash, roles: ['staff'] })
  if (typeof created !== 'string' || (await accounts.hasStaff())) return
  const variable = created === 'email_taken' ? 'ADMIN_EMAIL' : 'ADMIN_USERNAME'
  throw new StartError(`${variable} belongs to another account: choose another one.`)
}
