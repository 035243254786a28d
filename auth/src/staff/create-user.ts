import { randomBytes } from 'node:crypto'
import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { password, userEmail, username } from '../account/account.ts'
import { byOf } from '../audit/audit.ts'
import { type CommonPasswords, refuseGuessable } from '../hashing/common-passwords.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { accepted } from './refusal.ts'
import { staffProblems } from './staff-only.ts'
import type { UserStore } from './store.ts'
import { roles, userSchema, userView } from './user.ts'

const newUser = z
  .strictObject({
    username,
    password: password.optional(),
    user_email: userEmail,
    roles: roles.default([]),
  })
  .openapi('NewUser')

const create = createRoute({
  method: 'post',
  path: '/auth/admin/users',
  tags: ['admin'],
  summary: 'Create a user',
  description: 'Without a password, the account can be signed in to only after a password reset.',
  security: memberOnly,
  request: { body: jsonBody(newUser) },
  responses: {
    201: jsonAnswer('The user', userSchema),
    ...problems({
      ...bodyProblems,
      ...staffProblems,
      409: '`username_taken`, `email_taken`',
      503: '`busy`, `unavailable`',
    }),
  },
})

type Deps = {
  users: Pick<UserStore, 'create'>
  passwords: Pick<Passwords, 'hash'>
  commonPasswords: CommonPasswords
}

export function mountCreateUser(app: App, { users, passwords, commonPasswords }: Deps): void {
  app.openapi(create, async (c) => {
    const { username, password, user_email: userEmail, roles } = c.req.valid('json')
    if (password !== undefined) refuseGuessable(commonPasswords, { password, username, userEmail })
    // A random password, which is never shown, keeps the account closed until a reset.
    const passwordHash = await passwords.hash(password ?? randomBytes(32).toString('base64url'))
    const account = { username, userEmail, roles, passwordHash }
    const user = accepted(await users.create(account, byOf(c)))
    return c.json(userView(user), 201, { location: `/auth/admin/users/${user.userId}` })
  })
}
