import { clientIp, networkOf } from '@ego/kit/http/client-ip'
import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonBody, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { userEmail } from '../account/account.ts'
import type { Quotas } from '../guessing/quotas.ts'
import type { PasswordStore } from './store.ts'

const forgot = createRoute({
  method: 'post',
  path: '/auth/password/forgot',
  tags: ['password'],
  summary: 'Mail a token that sets a new password',
  request: { body: jsonBody(z.strictObject({ user_email: userEmail }).openapi('ForgotPassword')) },
  responses: {
    202: { description: 'If an account has this address, a mail is on its way' },
    ...problems({
      ...bodyProblems,
      429: '`too_many_attempts`, `too_many_requests`',
      503: '`unavailable`',
    }),
  },
})

type Deps = {
  passwordStore: Pick<PasswordStore, 'forget'>
  quotas: Quotas
  /** Seals for auth itself. */
  seal: (value: unknown) => Promise<string>
}

export function mountForgotPassword(app: App, deps: Deps): void {
  app.openapi(forgot, async (c) => {
    await forget(deps, c.req.valid('json').user_email, clientIp(c), c.get('requestId'))
    return c.body(null, 202)
  })
}

/** Does the same for every address, so that neither answer nor time tells which addresses have an account. */
async function forget(
  { passwordStore, quotas, seal }: Deps,
  userEmail: string,
  ip: string,
  requestId: string,
): Promise<void> {
  const network = networkOf(ip)
  await quotas.take('mailsOfIp', network)
  // With the network: a stranger who asks too often locks out only that network, not the owner.
  await quotas.take('mailsOfAccount', `${userEmail}\n${network}`)
  if (!(await quotas.tryTake('resetMailsToAddress', userEmail))) return
  await passwordStore.forget(await seal({ user_email: userEmail }), requestId)
}
