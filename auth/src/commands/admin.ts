import { randomBytes } from 'node:crypto'
import { runProgram } from '@ego/kit/commands/command'
import { StartError } from '@ego/kit/process/start-error'
import type { z } from 'zod'
import { type Account, isStaff, userEmail, username as usernameSchema } from '../account/account.ts'
import type { By } from '../audit/audit.ts'
import type { UserChange } from '../staff/store.ts'
import { loadConfig } from './config.ts'
import { type Admin, wireAdmin } from './wire.ts'

const usage = `Usage: npm run admin -- <command> [--data DIR]

  create <username> <email>   a new staff account; its password is shown once
  promote <username>          gives the role staff
  demote <username>           takes the role staff away and ends all sessions
  disable <username>          ends all sessions and refuses every login
  enable <username>           lets the owner in again

It works on DATABASE_URL when that is set; else on the embedded platform that runs on the data folder
(--data, EGO_DATA, .data). Everything is written to the audit log.
`

/** A change of one account. `isDone` says whether there is nothing to do; the sentences follow the username. */
type Change = {
  isDone: (account: Account) => boolean
  change: (account: Account) => UserChange
  alreadyText: string
  doneText: string
}

const staff = 'staff'

const changes: Readonly<Record<string, Change>> = {
  promote: {
    isDone: ({ roles }) => isStaff(roles),
    change: ({ roles }) => ({ roles: [...roles, staff].sort() }),
    alreadyText: 'has the role staff already.',
    doneText: 'has the role staff, and has to sign in again to use it.',
  },
  demote: {
    isDone: ({ roles }) => !isStaff(roles),
    change: ({ roles }) => ({ roles: roles.filter((role) => role !== staff) }),
    alreadyText: 'does not have the role staff.',
    doneText: 'no longer has the role staff; all sessions were ended.',
  },
  disable: {
    isDone: ({ status }) => status === 'disabled',
    change: () => ({ status: 'disabled' }),
    alreadyText: 'is disabled already.',
    doneText: 'is disabled; all sessions were ended.',
  },
  enable: {
    isDone: ({ status }) => status === 'active',
    change: () => ({ status: 'active' }),
    alreadyText: 'is not disabled.',
    doneText: 'can sign in again.',
  },
}

const operator: By = {
  actorId: null,
  sessionId: null,
  requestId: null,
  device: 'command line',
  ip: 'local',
}

await runProgram({
  service: 'auth',
  usage,
  loadConfig,
  parse([name = '', ...words]) {
    const [username = '', email = ''] = words
    if (name === 'create' && words.length === 2) {
      return async (surroundings) => create(await wireAdmin(surroundings), username, email)
    }
    const change = Object.hasOwn(changes, name) ? changes[name] : undefined
    if (!change || words.length !== 1) return null
    return async (surroundings) => apply(await wireAdmin(surroundings), username, change)
  },
})

async function create({ users, passwords }: Admin, username: string, email: string) {
  check(usernameSchema, username)
  check(userEmail, email)
  const password = randomBytes(18).toString('base64url')
  const passwordHash = await passwords.hash(password)
  const account = { username, userEmail: email, passwordHash, roles: [staff] }
  const created = await users.create(account, operator)
  if (created === 'username_taken') throw new StartError(`The username ${username} is taken.`)
  if (created === 'email_taken') throw new StartError(`There is an account with ${email}.`)
  return `${username} was created with the role staff.\nPassword, shown only now: ${password}`
}

async function apply({ users, accounts }: Admin, name: string, wanted: Change) {
  const account = (await accounts.findForLogin({ username: name }))?.account
  if (!account) throw new StartError(`There is no account named ${name}.`)
  const { userId, username } = account
  if (wanted.isDone(account)) return `${username} ${wanted.alreadyText}`
  const changed = await users.change(userId, wanted.change(account), operator)
  if (changed === 'not_found') {
    throw new StartError(`The account ${username} was deleted meanwhile.`)
  }
  if (changed === 'last_staff') {
    const text = `${username} is the last active staff account: create or promote another one first.`
    throw new StartError(text)
  }
  return `${username} ${wanted.doneText}`
}

function check(schema: z.ZodType, text: string): void {
  const { error } = schema.safeParse(text)
  if (!error) return
  throw new StartError(`${text}: ${error.issues.map((issue) => issue.message).join(' ')}`)
}
