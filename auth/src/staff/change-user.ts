import type { App } from '@ego/kit/http/app'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { userEmail, username } from '../account/account.ts'
import { staffProblems } from '../account/staff-role.ts'
import { byOf } from '../audit/by.ts'
import type { changeUser, deleteUser, endUserSessions, requestUserReset } from './use-cases.ts'
import { roles, status, userIdParams, userSchema, userView } from './user.ts'

const ofUser = { ...staffProblems, 404: '`user_not_found`' } as const

const change = createRoute({
  method: 'patch',
  path: '/auth/admin/users/{user_id}',
  tags: ['admin'],
  summary: 'Change a user',
  description:
    'Disabling a user and changing the roles end all sessions of the user at once. A new e-mail address is not verified, and the old one is told. Your own username and address change with PATCH /auth/me.',
  security: memberOnly,
  request: {
    params: userIdParams,
    body: jsonBody(
      z
        .strictObject({ status, roles, username, user_email: userEmail })
        .partial()
        .refine(
          (body) => Object.keys(body).length > 0,
          'Send at least one of status, roles, username and user_email.',
        )
        .openapi('UserChange'),
    ),
  },
  responses: {
    200: jsonAnswer('The user as it is now', userSchema),
    ...problems({
      ...bodyProblems,
      ...ofUser,
      409: '`username_taken`, `email_taken`, `not_on_yourself`, `last_staff`',
    }),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/auth/admin/users/{user_id}',
  tags: ['admin'],
  summary: 'Erase a user everywhere',
  security: memberOnly,
  request: { params: userIdParams },
  responses: {
    204: { description: 'Erased' },
    ...problems({ ...ofUser, 409: '`not_on_yourself`, `last_staff`' }),
  },
})

const passwordReset = createRoute({
  method: 'post',
  path: '/auth/admin/users/{user_id}/password-reset',
  tags: ['admin'],
  summary: 'Mail a user a token that sets a new password',
  security: memberOnly,
  request: { params: userIdParams },
  responses: {
    202: { description: 'A mail is on its way' },
    ...problems({ ...ofUser, 409: '`user_disabled`' }),
  },
})

const logout = createRoute({
  method: 'post',
  path: '/auth/admin/users/{user_id}/logout',
  tags: ['admin'],
  summary: 'End all sessions of a user',
  security: memberOnly,
  request: { params: userIdParams },
  responses: { 204: { description: 'Ended' }, ...problems(ofUser) },
})

export type UserChangeRoutes = {
  changeUser: ReturnType<typeof changeUser>
  deleteUser: ReturnType<typeof deleteUser>
  endUserSessions: ReturnType<typeof endUserSessions>
  requestUserReset: ReturnType<typeof requestUserReset>
}

export function mountUserChanges(app: App, deps: UserChangeRoutes): void {
  app.openapi(change, async (c) => {
    const { user_email, ...rest } = c.req.valid('json')
    const { user_id } = c.req.valid('param')
    const user = await deps.changeUser(user_id, { ...rest, userEmail: user_email }, byOf(c))
    return c.json(userView(user), 200)
  })

  app.openapi(remove, async (c) => {
    await deps.deleteUser(c.req.valid('param').user_id, byOf(c))
    return c.body(null, 204)
  })

  app.openapi(passwordReset, async (c) => {
    await deps.requestUserReset(c.req.valid('param').user_id, byOf(c))
    return c.body(null, 202)
  })

  app.openapi(logout, async (c) => {
    await deps.endUserSessions(c.req.valid('param').user_id, byOf(c))
    return c.body(null, 204)
  })
}
