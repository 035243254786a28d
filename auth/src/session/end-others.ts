import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import { endedSession, sessionProblems } from './session-check.ts'
import type { SessionStore } from './store.ts'

const endOthers = createRoute({
  method: 'delete',
  path: '/auth/sessions',
  tags: ['session'],
  summary: 'End all sessions but this one',
  security: memberOnly,
  responses: { 204: { description: 'Ended' }, ...problems(sessionProblems) },
})

type Deps = { sessions: Pick<SessionStore, 'endOthers'> }

export function mountEndOtherSessions(app: App, { sessions }: Deps): void {
  app.openapi(endOthers, async (c) => {
    if ((await sessions.endOthers(requireMember(c))) === 'session_ended') throw endedSession()
    return c.body(null, 204)
  })
}
