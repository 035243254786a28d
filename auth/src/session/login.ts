import type { App } from '@ego/kit/http/app'
import { bodyProblems, jsonAnswer, jsonBody, problems } from '@ego/kit/http/openapi'
import { isStorable } from '@ego/kit/http/text'
import { createRoute, z } from '@hono/zod-openapi'
import { byOf } from '../audit/by.ts'
import { type issueTokens, tokenFields } from './token-answer.ts'
import type { refreshSession, signIn } from './use-cases.ts'

// Rules for new names may change; whoever has an old one must still get in, so only the size is checked here.
const name = z.string().min(1).max(254).refine(isStorable, 'Use text without NUL characters.')

const loginBody = z
  .strictObject({
    username: name.optional().openapi({ example: 'testusername' }),
    user_email: name.optional(),
    password: z.string().min(1).max(512).openapi({ example: 'testpassword', format: 'password' }),
  })
  .refine(
    (body) => (body.username === undefined) !== (body.user_email === undefined),
    'Send either username or user_email.',
  )
  .openapi('Login')

const login = createRoute({
  method: 'post',
  path: '/auth/login',
  tags: ['session'],
  summary: 'Sign in with a username or an e-mail address',
  description:
    'Wrong passwords are counted for the account and for the address they come from. After too many, `Retry-After` says how long to wait; right ones do not count.',
  request: { body: jsonBody(loginBody) },
  responses: {
    200: jsonAnswer('The tokens of a new session', z.object(tokenFields)),
    ...problems({
      ...bodyProblems,
      401: '`bad_credentials`',
      429: '`too_many_attempts`, `too_many_requests`',
      503: '`busy`, `unavailable`; not counted as an attempt',
    }),
  },
})

const refresh = createRoute({
  method: 'post',
  path: '/auth/refresh',
  tags: ['session'],
  summary: 'Exchange a refresh token for new tokens',
  description:
    'Each refresh token is good once. Sent again within 30 seconds it gets the same answer; later the session is ended, because somebody else may have the token.',
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

export type SignInRoutes = {
  signIn: ReturnType<typeof signIn>
  refreshSession: ReturnType<typeof refreshSession>
  issueTokens: ReturnType<typeof issueTokens>
}

export function mountSignIn(app: App, { signIn, refreshSession, issueTokens }: SignInRoutes): void {
  app.openapi(login, async (c) => {
    const { username, user_email, password } = c.req.valid('json')
    const name = username === undefined ? { userEmail: user_email ?? '' } : { username }
    const { account, session } = await signIn(name, password, byOf(c))
    return c.json(await issueTokens(account, session), 200)
  })

  app.openapi(refresh, async (c) => {
    const { account, session } = await refreshSession(c.req.valid('json').refresh_token, byOf(c))
    return c.json(await issueTokens(account, session), 200)
  })
}
