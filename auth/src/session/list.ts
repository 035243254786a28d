import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { sessionProblems } from './session-check.ts'
import type { SessionStore } from './store.ts'

const list = createRoute({
  method: 'get',
  path: '/auth/sessions',
  tags: ['session'],
  summary: 'Where you are signed in, newest first',
  security: memberOnly,
  responses: {
    200: jsonAnswer(
      'All sessions of the account',
      z.object({
        items: z.array(
          z.object({
            session_id: z.uuid(),
            device: z.string(),
            ip: z.string(),
            created_at: z.iso.datetime(),
            last_used_at: z.iso.datetime(),
            current: z.boolean(),
          }),
        ),
        next_cursor: z.null().openapi({ description: 'Always null: there are at most 50.' }),
      }),
    ),
    ...problems(sessionProblems),
  },
})

type Deps = { sessions: Pick<SessionStore, 'list'> }

export function mountListSessions(app: App, { sessions }: Deps): void {
  app.openapi(list, async (c) => {
    const caller = requireMember(c)
    const items = (await sessions.list(caller.userId)).map((session) => ({
      session_id: session.sessionId,
      device: session.device,
      ip: session.ip,
      created_at: session.createdAt.toISOString(),
      last_used_at: session.lastUsedAt.toISOString(),
      current: session.sessionId === caller.sessionId,
    }))
    return c.json({ items, next_cursor: null }, 200)
  })
}
