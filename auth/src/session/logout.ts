import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import { sessionProblems } from './session-check.ts'
import type { SessionStore } from './store.ts'

const logout = createRoute({
  method: 'post',
  path: '/auth/logout',
  tags: ['session'],
  summary: 'End this session: its access and refresh tokens are dead at once',
  security: memberOnly,
  responses: { 204: { description: 'Ended' }, ...problems(sessionProblems) },
})

type Deps = { sessions: Pick<SessionStore, 'end'> }

export function mountLogout(app: App, { sessions }: Deps): void {
  app.openapi(logout, async (c) => {
    const { userId, sessionId } = requireMember(c)
    await sessions.end(userId, sessionId)
    return c.body(null, 204)
  })
}
