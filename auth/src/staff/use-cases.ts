import { randomBytes } from 'node:crypto'
import { fromCursor, toCursor, toPage } from '@ego/kit/http/page'
import { Problem } from '@ego/kit/http/problem'
import { z } from 'zod'
import type { Account } from '../account/account.ts'
import type { By } from '../audit/audit.ts'
import { changeNotice } from '../email/use-cases.ts'
import type { CommonPasswords } from '../hashing/common-passwords.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { refuseGuessable } from '../hashing/rules.ts'
import type { Letters } from '../mail-token/mail.ts'
import type { PasswordStore } from '../password/store.ts'
import type { Refusal, UserChange, UserStore } from './store.ts'

type Deps = { users: UserStore; passwords: Passwords; commonPasswords: CommonPasswords }
type Users = Pick<Deps, 'users'>

export type UsersRequest = {
  query?: string | undefined
  status?: Account['status'] | undefined
  role?: string | undefined
  limit: number
  cursor?: string | undefined
}

export function listUsers({ users }: Users) {
  return async ({ query, status, role, limit, cursor }: UsersRequest) => {
    const before = cursor === undefined ? null : fromCursor(cursor, userId)
    const filter = { query: query || null, status: status ?? null, role: role ?? null }
    const found = await users.list({ ...filter, before, limit: limit + 1 })
    return toPage(found, limit, (account) => toCursor(String(account.userId)))
  }
}

export type NewUser = {
  username: string
  password?: string | undefined
  userEmail: string
  roles: readonly string[]
}

export function createUser({ users, passwords, commonPasswords }: Deps) {
  return async ({ password, ...user }: NewUser, by: By): Promise<Account> => {
    if (password !== undefined) refuseGuessable(commonPasswords, { password, ...user })
    // Without one nobody gets in before a reset: nobody has ever seen the random one.
    const passwordHash = await passwords.hash(password ?? randomBytes(32).toString('base64url'))
    return accepted(await users.create({ ...user, passwordHash }, by))
  }
}

export function readUser({ users }: Users) {
  return async (id: number): Promise<Account> => {
    const user = await users.find(existing(id))
    if (user) return user
    throw notFound()
  }
}

export type UserChangeRequest = Omit<UserChange, 'newEmail'> & { userEmail?: string | undefined }
type ChangeDeps = Users & { letters: Letters; now: () => number }

export function changeUser({ users, letters, now }: ChangeDeps) {
  return async (id: number, request: UserChangeRequest, by: By): Promise<Account> => {
    if (id === by.actorId) refuseOnYourself(request)
    const { userEmail, ...rest } = request
    const notice = changeNotice({ letters }, new Date(now()))
    const change = userEmail === undefined ? rest : { ...rest, newEmail: { userEmail, notice } }
    const changed = accepted(await users.change(existing(id), change, by))
    if (changed) return changed
    throw notFound()
  }
}

type ResetDeps = Users & { passwordStore: PasswordStore; letters: Letters; now: () => number }

/** For somebody who cannot ask alone; staff never learns the token. */
export function requestUserReset({ users, passwordStore, letters, now }: ResetDeps) {
  const read = readUser({ users })
  return async (id: number, by: By): Promise<void> => {
    const { userId, userEmail, username } = await read(id)
    const mailed = await letters.sealToken('password_reset', { userEmail, username })
    const request = { userId, userEmail, ...mailed, at: new Date(now()) }
    const outcome = await passwordStore.requestReset(request, by)
    if (outcome === null) throw notFound()
    if (outcome === 'disabled') {
      const text = 'This account is disabled. Enable the account first.'
      throw new Problem(409, 'user_disabled', text)
    }
  }
}

export function deleteUser({ users }: Users) {
  return async (id: number, by: By): Promise<void> => {
    if (id === by.actorId) throw notOnYourself()
    const result = await users.delete(existing(id), by)
    if (result === null) throw notFound()
    if (result === 'last_staff') throw refused(result)
  }
}

export function endUserSessions({ users }: Users) {
  return async (id: number, by: By): Promise<void> => {
    if (!(await users.endSessions(existing(id), by))) throw notFound()
  }
}

const userId = z.coerce.number().int().positive()

// A number that no id can be would be an error in the database.
function existing(id: number): number {
  if (userId.safeParse(id).success) return id
  throw notFound()
}

function accepted<T>(result: T | Refusal): T {
  if (isRefusal(result)) throw refused(result)
  return result
}

const refusals: Readonly<Record<Refusal, string>> = {
  username_taken: 'This username is taken. Choose another one.',
  email_taken: 'Another account has this e-mail address.',
  last_staff: 'Nobody with the role staff would be left. Give it to somebody else first.',
}

function isRefusal(result: unknown): result is Refusal {
  return typeof result === 'string' && Object.hasOwn(refusals, result)
}

function refused(refusal: Refusal): Problem {
  return new Problem(409, refusal, refusals[refusal])
}

function notFound(): Problem {
  return new Problem(404, 'user_not_found', 'There is no such user; the account may be deleted.')
}

/**
 * Here nobody proves a password or a mailbox, so a stolen token must not move the account to another address, and nothing
 * would keep somebody from making their password their username.
 */
function refuseOnYourself({ status, roles, userEmail, username }: UserChangeRequest): void {
  if ((status ?? roles) !== undefined) throw notOnYourself()
  if ((userEmail ?? username) === undefined) return
  throw notOnYourself('Change your own username and e-mail address with PATCH /auth/me.')
}

function notOnYourself(
  text = 'Ask somebody else: nobody can do this to their own account.',
): Problem {
  return new Problem(409, 'not_on_yourself', text)
}
