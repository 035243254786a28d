import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import { byOf } from '../audit/audit.ts'
import { accepted, notOnYourself } from './refusal.ts'
import { userProblems } from './staff-only.ts'
import type { UserStore } from './store.ts'
import { possibleId, userIdParams } from './user.ts'

const remove = createRoute({
  method: 'delete',
  path: '/auth/admin/users/{user_id}',
  tags: ['admin'],
  summary: 'Erase a user everywhere',
  security: memberOnly,
  request: { params: userIdParams },
  responses: {
    204: { description: 'Erased' },
    ...problems({ ...userProblems, 409: '`not_on_yourself`, `last_staff`' }),
  },
})

type Deps = { users: Pick<UserStore, 'delete'> }

export function mountDeleteUser(app: App, { users }: Deps): void {
  app.openapi(remove, async (c) => {
    const by = byOf(c)
    const { user_id } = c.req.valid('param')
    if (user_id === by.actorId) throw notOnYourself()
    accepted(await users.delete(possibleId(user_id), by))
    return c.body(null, 204)
  })
}
