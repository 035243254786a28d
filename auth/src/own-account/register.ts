import { networkOf } from '@ego/kit/http/client-ip'
import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonAnswer, jsonBody, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { password, userEmail, username } from '../account/account.ts'
import { type By, byOf } from '../audit/audit.ts'
import type { Quotas } from '../guessing/quotas.ts'
import { type CommonPasswords, refuseGuessable } from '../hashing/common-passwords.ts'
import type { Passwords } from '../hashing/passwords.ts'
import type { Mails } from '../mail-token/mail.ts'
import { createSession } from '../session/session.ts'
import { type IssueTokens, tokenFields } from '../session/token-answer.ts'
import { taken } from './own-account.ts'
import type { OwnAccountStore } from './store.ts'

const registration = z
  .strictObject({ username, password, user_email: userEmail })
  .openapi('Registration')

const register = createRoute({
  method: 'post',
  path: '/auth/registration',
  tags: ['account'],
  summary: 'Register an account and sign in',
  request: { body: jsonBody(registration) },
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

type Deps = {
  ownAccounts: Pick<OwnAccountStore, 'register'>
  passwords: Pick<Passwords, 'hash'>
  commonPasswords: CommonPasswords
  quotas: Pick<Quotas, 'take'>
  mails: Pick<Mails, 'sealToken'>
  issueTokens: IssueTokens
  now: () => number
}

export function mountRegister(app: App, deps: Deps): void {
  app.openapi(register, async (c) => {
    const { account, session } = await registerAccount(deps, c.req.valid('json'), byOf(c))
    const { userId: user_id, username, userEmail: user_email } = account
    const tokens = await deps.issueTokens(account, session)
    return c.json({ user_id, username, user_email, ...tokens }, 201)
  })
}

async function registerAccount(deps: Deps, body: z.output<typeof registration>, by: By) {
  const { ownAccounts, passwords, commonPasswords, quotas, mails, now } = deps
  const { username, password, user_email: userEmail } = body
  refuseGuessable(commonPasswords, { password, username, userEmail })
  await quotas.take('registrationsOfIp', networkOf(by.ip))
  const passwordHash = await passwords.hash(password)
  const welcome = await mails.sealToken('welcome_verify', { userEmail, username })
  const session = createSession(by, now())
  const account = { username, userEmail, passwordHash, roles: [] }
  const outcome = await ownAccounts.register(account, { session, ...welcome }, by)
  if (typeof outcome === 'string') throw taken(outcome)
  return outcome
}
