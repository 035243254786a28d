import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonBody, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { password } from '../account/account.ts'
import { type By, byOf } from '../audit/audit.ts'
import { type CommonPasswords, refuseGuessable } from '../hashing/common-passwords.ts'
import type { Passwords } from '../hashing/passwords.ts'
import { hashMailToken, type Mails, mailTokenInvalid, noticeTo } from '../mail-token/mail.ts'
import type { PasswordStore } from './store.ts'

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

type Deps = {
  passwordStore: Pick<PasswordStore, 'findByResetToken' | 'reset'>
  passwords: Pick<Passwords, 'hash'>
  commonPasswords: CommonPasswords
  mails: Pick<Mails, 'seal'>
  now: () => number
}

export function mountResetPassword(app: App, deps: Deps): void {
  app.openapi(reset, async (c) => {
    const { token, password } = c.req.valid('json')
    await resetPassword(deps, token, password, byOf(c))
    return c.body(null, 204)
  })
}

async function resetPassword(deps: Deps, token: string, password: string, by: By): Promise<void> {
  const { passwordStore, passwords, commonPasswords, mails, now } = deps
  const tokenHash = hashMailToken(token)
  const at = new Date(now())
  // Before hashing, which costs: a made-up token must not.
  const owner = await passwordStore.findByResetToken(tokenHash, at)
  if (!owner) throw mailTokenInvalid()
  refuseGuessable(commonPasswords, { password, ...owner })
  const passwordHash = await passwords.hash(password)
  const isDone = await passwordStore.reset({ tokenHash, passwordHash, at }, by, (account) =>
    mails.seal('password_changed', noticeTo(account, by, at)),
  )
  if (!isDone) throw mailTokenInvalid()
}
