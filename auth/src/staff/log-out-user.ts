import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import { byOf } from '../audit/audit.ts'
import { accepted } from './refusal.ts'
import { userProblems } from './staff-only.ts'
import type { UserStore } from './store.ts'
import { possibleId, userIdParams } from './user.ts'

const logOut = createRoute({
  method: 'post',
  path: '/auth/admin/users/{user_id}/logout',
  tags: ['admin'],
  summary: 'End all sessions of a user',
  security: memberOnly,
  request: { params: userIdParams },
  responses: { 204: { description: 'Ended' }, ...problems(userProblems) },
})

type Deps = { users: Pick<UserStore, 'endSessions'> }

export function mountLogOutUser(app: App, { users }: Deps): void {
  app.openapi(logOut, async (c) => {
    accepted(await users.endSessions(possibleId(c.req.valid('param').user_id), byOf(c)))
    return c.body(null, 204)
  })
}
