import { type App, requireMember } from '@ego/kit/http/app'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import type { SessionStore } from './store.ts'
import type { endSession, signOut } from './use-cases.ts'

const member = { 401: '`not_signed_in`, `token_invalid`', 503: '`unavailable`' } as const

const logout = createRoute({
  method: 'post',
  path: '/auth/logout',
  tags: ['session'],
  summary: 'End this session: its access and refresh tokens are dead at once',
  security: memberOnly,
  responses: { 204: { description: 'Ended' }, ...problems(member) },
})

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
    ...problems(member),
  },
})

const end = createRoute({
  method: 'delete',
  path: '/auth/sessions/{session_id}',
  tags: ['session'],
  summary: 'End one session',
  security: memberOnly,
  request: { params: z.object({ session_id: z.uuid('Use the session_id of a session.') }) },
  responses: {
    204: { description: 'Ended' },
    ...problems({ ...member, 404: '`session_not_found`', 422: '`validation_failed`' }),
  },
})

const endOthers = createRoute({
  method: 'delete',
  path: '/auth/sessions',
  tags: ['session'],
  summary: 'End all sessions but this one',
  security: memberOnly,
  responses: { 204: { description: 'Ended' }, ...problems(member) },
})

export type SessionRoutes = {
  sessions: SessionStore
  signOut: ReturnType<typeof signOut>
  endSession: ReturnType<typeof endSession>
}

export function mountSession(app: App, { sessions, signOut, endSession }: SessionRoutes): void {
  app.openapi(logout, async (c) => {
    const { userId, sessionId } = requireMember(c)
    await signOut(userId, sessionId)
    return c.body(null, 204)
  })

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

  app.openapi(end, async (c) => {
    await endSession(requireMember(c), c.req.valid('param').session_id)
    return c.body(null, 204)
  })

  app.openapi(endOthers, async (c) => {
    const { userId, sessionId } = requireMember(c)
    await sessions.endOthers(userId, sessionId)
    return c.body(null, 204)
  })
}
