import { type App, requireMember } from '@ego/kit/http/app'
import { bodyProblems, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { byOf } from '../audit/by.ts'
import type { confirmEmail, requestVerification } from './use-cases.ts'

const request = createRoute({
  method: 'post',
  path: '/auth/email/verification',
  tags: ['email'],
  summary: 'Mail yourself a token that verifies your e-mail address',
  security: memberOnly,
  responses: {
    202: { description: 'A mail is on its way, if the address is not verified already' },
    ...problems({
      401: '`not_signed_in`, `token_invalid`',
      429: '`too_many_attempts`, `too_many_requests`',
      503: '`unavailable`',
    }),
  },
})

const confirm = createRoute({
  method: 'post',
  path: '/auth/email/verification/confirm',
  tags: ['email'],
  summary: 'Verify an e-mail address with the token from the mail',
  request: {
    body: jsonBody(z.strictObject({ token: z.string().min(1).max(200) }).openapi('MailedToken')),
  },
  responses: {
    204: { description: 'Verified; a new address is the one of the account from now on' },
    ...problems({
      ...bodyProblems,
      400: '`malformed_body`, `mailed_token_invalid`',
      409: '`email_taken`',
      429: '`too_many_requests`',
      503: '`unavailable`',
    }),
  },
})

export type EmailRoutes = {
  requestVerification: ReturnType<typeof requestVerification>
  confirmEmail: ReturnType<typeof confirmEmail>
}

export function mountEmail(app: App, { requestVerification, confirmEmail }: EmailRoutes): void {
  app.openapi(request, async (c) => {
    const { userId, sessionId } = requireMember(c)
    await requestVerification(userId, sessionId, c.get('requestId'))
    return c.body(null, 202)
  })

  app.openapi(confirm, async (c) => {
    await confirmEmail(c.req.valid('json').token, byOf(c))
    return c.body(null, 204)
  })
}
