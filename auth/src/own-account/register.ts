import type { App } from '@ego/kit/http/app'
import { bodyProblems, jsonAnswer, jsonBody, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { password, userEmail, username } from '../account/account.ts'
import type { registerAccount } from '../account/use-cases.ts'
import { byOf } from '../audit/by.ts'
import { type issueTokens, tokenFields } from '../session/token-answer.ts'

const register = createRoute({
  method: 'post',
  path: '/auth/registration',
  tags: ['account'],
  summary: 'Register an account and sign in',
  request: {
    body: jsonBody(
      z.strictObject({ username, password, user_email: userEmail }).openapi('Registration'),
    ),
  },
  responses: {
    201: jsonAnswer(
      'The new account and its tokens',
      z.object({ user_id: z.int(), username, user_email: userEmail, ...tokenFields }),
    ),
    ...problems({
      ...bodyProblems,
      409: '`username_taken`, `email_taken`',
      429: '`too_many_attempts`, `too_many_requests`',
      503: '`busy`, `unavailable`',
    }),
  },
})

export type AccountRoutes = {
  registerAccount: ReturnType<typeof registerAccount>
  issueTokens: ReturnType<typeof issueTokens>
}

export function mountAccount(app: App, { registerAccount, issueTokens }: AccountRoutes): void {
  app.openapi(register, async (c) => {
    const registration = c.req.valid('json')
    const { account, session } = await registerAccount(registration, byOf(c))
    const { userId: user_id, username, userEmail: user_email } = account
    const tokens = await issueTokens(account, session)
    return c.json({ user_id, username, user_email, ...tokens }, 201)
  })
}
