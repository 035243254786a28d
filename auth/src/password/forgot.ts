import type { App } from '@ego/kit/http/app'
import { clientIp } from '@ego/kit/http/client-ip'
import { bodyProblems, jsonBody, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { password, userEmail } from '../account/account.ts'
import { byOf } from '../audit/by.ts'
import type { forgetPassword, resetPassword } from './reset.ts'

const forgot = createRoute({
  method: 'post',
  path: '/auth/password/forgot',
  tags: ['password'],
  summary: 'Mail a token that sets a new password',
  request: { body: jsonBody(z.strictObject({ user_email: userEmail }).openapi('ForgotPassword')) },
  responses: {
    202: { description: 'If somebody has this address, a mail is on its way' },
    ...problems({
      ...bodyProblems,
      429: '`too_many_attempts`, `too_many_requests`',
      503: '`unavailable`',
    }),
  },
})

const reset = createRoute({
  method: 'post',
  path: '/auth/password/reset',
  tags: ['password'],
  summary: 'Set a new password with the token from the mail; ends all sessions',
  request: {
    body: jsonBody(
      z.strictObject({ token: z.string().min(1).max(200), password }).openapi('ResetPassword'),
    ),
  },
  responses: {
    204: { description: 'Changed' },
    ...problems({
      ...bodyProblems,
      400: '`malformed_body`, `mailed_token_invalid`',
      429: '`too_many_requests`',
      503: '`busy`, `unavailable`',
    }),
  },
})

export type PasswordRoutes = {
  forgetPassword: ReturnType<typeof forgetPassword>
  resetPassword: ReturnType<typeof resetPassword>
}

export function mountPassword(app: App, { forgetPassword, resetPassword }: PasswordRoutes): void {
  app.openapi(forgot, async (c) => {
    await forgetPassword(c.req.valid('json').user_email, clientIp(c), c.get('requestId'))
    return c.body(null, 202)
  })

  app.openapi(reset, async (c) => {
    const { token, password } = c.req.valid('json')
    await resetPassword(token, password, byOf(c))
    return c.body(null, 204)
  })
}
