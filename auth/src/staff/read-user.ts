import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import { userProblems } from './staff-only.ts'
import type { UserStore } from './store.ts'
import { readUser, userIdParams, userSchema, userView } from './user.ts'

const read = createRoute({
  method: 'get',
  path: '/auth/admin/users/{user_id}',
  tags: ['admin'],
  summary: 'Read a user',
  security: memberOnly,
  request: { params: userIdParams },
  responses: { 200: jsonAnswer('The user', userSchema), ...problems(userProblems) },
})

type Deps = { users: Pick<UserStore, 'find'> }

export function mountReadUser(app: App, { users }: Deps): void {
  app.openapi(read, async (c) =>
    c.json(userView(await readUser(users, c.req.valid('param').user_id)), 200),
  )
}
