import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonAnswer, jsonBody, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { type By, byOf } from '../audit/audit.ts'
import type { RefreshTokens } from './refresh-token.ts'
import { hasExpired, isInGrace } from './session.ts'
import type { SessionStore, Started, StoredSession } from './store.ts'
import { type IssueTokens, signInRefused, tokenFields } from './token-answer.ts'

const refresh = createRoute({
  method: 'post',
  path: '/auth/refresh',
  tags: ['session'],
  summary: 'Exchange a refresh token for new tokens',
  description:
    'Each refresh token is good once. Sent again within 30 seconds it gets the same answer; later the session is ended, because the token may be stolen.',
  request: {
    body: jsonBody(
      z.strictObject({ refresh_token: z.string().min(1).max(512) }).openapi('Refresh'),
    ),
  },
  responses: {
    200: jsonAnswer('The next tokens of the session', z.object(tokenFields)),
    ...problems({
      ...bodyProblems,
      401: '`refresh_token_invalid`, `refresh_token_reused`, `session_ended`',
      429: '`too_many_requests`',
      503: '`unavailable`',
    }),
  },
})

type Deps = {
  sessions: Pick<SessionStore, 'find' | 'rotate' | 'end' | 'endStolen'>
  refreshTokens: Pick<RefreshTokens, 'parse' | 'isAuthentic'>
  issueTokens: IssueTokens
  now: () => number
}

export function mountRefresh(app: App, deps: Deps): void {
  app.openapi(refresh, async (c) => {
    const { account, session } = await refreshSession(
      deps,
      c.req.valid('json').refresh_token,
      byOf(c),
    )
    return c.json(await deps.issueTokens(account, session), 200)
  })
}

/** Returns the session whose tokens are to be issued. */
async function refreshSession(deps: Deps, token: string, by: By): Promise<Started> {
  const { sessions, refreshTokens, now } = deps
  const claim = refreshTokens.parse(token)
  if (!claim) throw signInRefused('refresh_token_invalid', 'This is not a refresh token.')
  const session = await sessions.find(claim.sessionId)
  if (!session) throw ended()
  if (!refreshTokens.isAuthentic(claim, session.secret)) {
    const text = 'This refresh token was not made by this platform.'
    throw signInRefused('refresh_token_invalid', text)
  }
  if (session.account.status === 'disabled' || hasExpired(session, now())) {
    await sessions.end(session.account.userId, session.sessionId)
    throw ended()
  }
  return rotateSession(deps, session, claim.counter, by)
}

async function rotateSession(
  deps: Deps,
  session: StoredSession,
  counter: number,
  by: By,
): Promise<Started> {
  const { sessions, now } = deps
  const { account } = session
  if (counter === session.counter) {
    const next = await sessions.rotate(session, new Date(now()))
    if (next) return { account, session: next }
    // Another request with the same token was faster: this one gets the same answer.
    const current = await sessions.find(session.sessionId)
    if (!current) throw ended()
    return rotateSession(deps, current, counter, by)
  }
  if (isInGrace(session, counter, now())) return { account, session }
  if (!(await sessions.endStolen(account.userId, session.sessionId, by))) throw ended()
  const text = 'This refresh token was used before, so the session has been ended. Sign in again.'
  throw signInRefused('refresh_token_reused', text)
}

function ended() {
  return signInRefused('session_ended', 'This session has ended. Sign in again.')
}
