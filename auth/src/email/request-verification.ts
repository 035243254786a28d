import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import type { AccountStore } from '../account/store.ts'
import type { Quotas } from '../guessing/quotas.ts'
import type { Mails } from '../mail-token/mail.ts'
import { endedSession, requireSession } from '../session/session-check.ts'
import type { SessionOwner, SessionStore } from '../session/store.ts'
import type { EmailStore } from './store.ts'

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

type Deps = {
  accounts: Pick<AccountStore, 'find'>
  sessions: Pick<SessionStore, 'find'>
  emails: Pick<EmailStore, 'requestVerification'>
  quotas: Pick<Quotas, 'take'>
  mails: Pick<Mails, 'sealToken'>
  now: () => number
}

export function mountRequestVerification(app: App, deps: Deps): void {
  app.openapi(request, async (c) => {
    await requestVerification(deps, requireMember(c), c.get('requestId'))
    return c.body(null, 202)
  })
}

/** Nothing is mailed for an address that is verified already; the answer is the same. */
async function requestVerification(
  { accounts, sessions, emails, quotas, mails, now }: Deps,
  { userId, sessionId }: SessionOwner,
  requestId: string,
): Promise<void> {
  // An ended session must not use up what the owner may still be mailed.
  await requireSession(sessions, sessionId)
  await quotas.take('mailsOfAccount', String(userId))
  const account = await accounts.find(userId)
  if (!account || account.isEmailVerified) return
  const { userEmail, username } = account
  const mailed = await mails.sealToken('verify_email', { userEmail, username })
  const at = new Date(now())
  const verification = { userId, sessionId, userEmail, ...mailed, at }
  const outcome = await emails.requestVerification(verification, requestId)
  if (outcome === 'session_ended') throw endedSession()
}
