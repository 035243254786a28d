import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonBody, problems } from '@ego/kit/http/openapi'
import { Problem } from '@ego/kit/http/problem'
import { createRoute, z } from '@hono/zod-openapi'
import { byOf } from '../audit/audit.ts'
import {
  emailChangeNotice,
  hashMailToken,
  type Mails,
  mailTokenInvalid,
} from '../mail-token/mail.ts'
import type { EmailStore } from './store.ts'

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

type Deps = {
  emails: Pick<EmailStore, 'confirm'>
  mails: Pick<Mails, 'seal'>
  now: () => number
}

export function mountConfirmEmail(app: App, { emails, mails, now }: Deps): void {
  app.openapi(confirm, async (c) => {
    const tokenHash = hashMailToken(c.req.valid('json').token)
    const at = new Date(now())
    const outcome = await emails.confirm(tokenHash, at, byOf(c), emailChangeNotice(mails, at))
    if (outcome === 'invalid') throw mailTokenInvalid()
    if (outcome === 'email_taken') {
      throw new Problem(409, 'email_taken', 'Another account has this e-mail address by now.')
    }
    return c.body(null, 204)
  })
}
