import type { App } from '@ego/kit/http/app'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { pageQuery } from '@ego/kit/http/page'
import { isStorable } from '@ego/kit/http/text'
import { createRoute, z } from '@hono/zod-openapi'
import { password, userEmail, username } from '../account/account.ts'
import { staffProblems } from '../account/staff-role.ts'
import { byOf } from '../audit/by.ts'
import type { createUser, listUsers, readUser } from './use-cases.ts'
import { role, roles, status, userIdParams, userSchema, userView } from './user.ts'

const queryCharactersMax = 254

const list = createRoute({
  method: 'get',
  path: '/auth/admin/users',
  tags: ['admin'],
  summary: 'List and search the users, newest first',
  security: memberOnly,
  request: {
    query: z.strictObject({
      query: z
        .string()
        .trim()
        .max(queryCharactersMax, `Search for at most ${queryCharactersMax} characters.`)
        .refine(isStorable, 'Search for text without NUL characters.')
        .optional()
        .openapi({ description: 'A part of the username or the e-mail address, in any case.' }),
      status: status.optional(),
      role: role.optional(),
      ...pageQuery,
    }),
  },
  responses: {
    200: jsonAnswer(
      'A page of users',
      z.object({ items: z.array(userSchema), next_cursor: z.string().nullable() }),
    ),
    ...problems(staffProblems),
  },
})

const create = createRoute({
  method: 'post',
  path: '/auth/admin/users',
  tags: ['admin'],
  summary: 'Create a user',
  description: 'Without a password nobody can sign in to the account before a password reset.',
  security: memberOnly,
  request: {
    body: jsonBody(
      z
        .strictObject({
          username,
          password: password.optional(),
          user_email: userEmail,
          roles: roles.default([]),
        })
        .openapi('NewUser'),
    ),
  },
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

const read = createRoute({
  method: 'get',
  path: '/auth/admin/users/{user_id}',
  tags: ['admin'],
  summary: 'Read a user',
  security: memberOnly,
  request: { params: userIdParams },
  responses: {
    200: jsonAnswer('The user', userSchema),
    ...problems({ ...staffProblems, 404: '`user_not_found`' }),
  },
})

export type UserRoutes = {
  listUsers: ReturnType<typeof listUsers>
  createUser: ReturnType<typeof createUser>
  readUser: ReturnType<typeof readUser>
}

export function mountUsers(app: App, { listUsers, createUser, readUser }: UserRoutes): void {
  app.openapi(list, async (c) => {
    const { items, nextCursor } = await listUsers(c.req.valid('query'))
    return c.json({ items: items.map(userView), next_cursor: nextCursor }, 200)
  })

  app.openapi(create, async (c) => {
    const { user_email, ...rest } = c.req.valid('json')
    const user = await createUser({ ...rest, userEmail: user_email }, byOf(c))
    return c.json(userView(user), 201, { location: `/auth/admin/users/${user.userId}` })
  })

  app.openapi(read, async (c) =>
    c.json(userView(await readUser(c.req.valid('param').user_id)), 200),
  )
}
