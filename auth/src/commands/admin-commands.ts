import { StartError } from '@ego/kit/process/start-error'
import type { z } from 'zod'
import { type Account, userEmail, username as usernameSchema } from '../account/account.ts'
import type { AccountStore } from '../account/store.ts'
import type { By } from '../audit/audit.ts'
import type { Passwords } from '../hashing/passwords.ts'
import type { UserChange, UserStore } from '../staff/store.ts'

type Deps = {
  users: Pick<UserStore, 'create' | 'change'>
  accounts: Pick<AccountStore, 'findForLogin'>
  passwords: Pick<Passwords, 'hash'>
  newPassword: () => string
}

/** Each returns the sentence to print. */
export type AdminCommands = {
  create(username: string, email: string): Promise<string>
  promote(username: string): Promise<string>
  demote(username: string): Promise<string>
  disable(username: string): Promise<string>
  enable(username: string): Promise<string>
}

const staff = 'staff'
const operator: By = {
  actorId: null,
  sessionId: null,
  requestId: null,
  device: 'command line',
  ip: 'local',
}

export function adminCommands({ users, accounts, passwords, newPassword }: Deps): AdminCommands {
  async function create(username: string, email: string): Promise<string> {
    check(usernameSchema, username)
    check(userEmail, email)
    const password = newPassword()
    const passwordHash = await passwords.hash(password)
    const account = { username, userEmail: email, passwordHash, roles: [staff] }
    const created = await users.create(account, operator)
    if (created === 'username_taken') throw new StartError(`The username ${username} is taken.`)
    if (created === 'email_taken') throw new StartError(`There is an account with ${email}.`)
    return `${username} was created with the role staff.\nPassword, shown only now: ${password}`
  }

  async function find(username: string): Promise<Account> {
    const found = await accounts.findForLogin({ username })
    if (found) return found.account
    throw new StartError(`There is no account named ${username}.`)
  }

  async function change({ userId, username }: Account, change: UserChange): Promise<void> {
    const changed = await users.change(userId, change, operator)
    if (changed === 'not_found')
      throw new StartError(`The account ${username} was deleted meanwhile.`)
    if (changed === 'last_staff') {
      const text = `${username} is the last active staff account: create or promote another one first.`
      throw new StartError(text)
    }
  }

  return {
    create,

    async promote(name) {
      const account = await find(name)
      if (account.roles.includes(staff)) return `${account.username} has the role staff already.`
      await change(account, { roles: [...account.roles, staff].sort() })
      return `${account.username} has the role staff, and has to sign in again to use it.`
    },

    async demote(name) {
      const account = await find(name)
      if (!account.roles.includes(staff)) return `${account.username} does not have the role staff.`
      await change(account, { roles: account.roles.filter((role) => role !== staff) })
      return `${account.username} no longer has the role staff; all sessions were ended.`
    },

    async disable(name) {
      const account = await find(name)
      if (account.status === 'disabled') return `${account.username} is disabled already.`
      await change(account, { status: 'disabled' })
      return `${account.username} is disabled; all sessions were ended.`
    },

    async enable(name) {
      const account = await find(name)
      if (account.status === 'active') return `${account.username} is not disabled.`
      await change(account, { status: 'active' })
      return `${account.username} can sign in again.`
    },
  }
}

function check(schema: z.ZodType, text: string): void {
  const { error } = schema.safeParse(text)
  if (error)
    throw new StartError(`${text}: ${error.issues.map((issue) => issue.message).join(' ')}`)
}
