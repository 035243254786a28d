import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { Problem } from '@ego/kit/http/problem'
import { createRoute, z } from '@hono/zod-openapi'
import { endedSession, sessionProblems } from './session-check.ts'
import type { SessionStore } from './store.ts'

const end = createRoute({
  method: 'delete',
  path: '/auth/sessions/{session_id}',
  tags: ['session'],
  summary: 'End one session',
  security: memberOnly,
  request: { params: z.object({ session_id: z.uuid('Use the session_id of a session.') }) },
  responses: {
    204: { description: 'Ended' },
    ...problems({ ...sessionProblems, 404: '`session_not_found`', 422: '`validation_failed`' }),
  },
})

type Deps = { sessions: Pick<SessionStore, 'endChosen'> }

export function mountEndSession(app: App, { sessions }: Deps): void {
  app.openapi(end, async (c) => {
    const outcome = await sessions.endChosen(requireMember(c), c.req.valid('param').session_id)
    if (outcome === 'session_ended') throw endedSession()
    if (outcome === 'not_found') {
      throw new Problem(404, 'session_not_found', 'You have no such session; it may have ended.')
    }
    return c.body(null, 204)
  })
}
