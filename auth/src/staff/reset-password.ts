import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { Problem } from '@ego/kit/http/problem'
import { createRoute } from '@hono/zod-openapi'
import { byOf } from '../audit/audit.ts'
import type { Mails } from '../mail-token/mail.ts'
import { accepted } from './refusal.ts'
import { userProblems } from './staff-only.ts'
import type { UserStore } from './store.ts'
import { readUser, userIdParams } from './user.ts'

const passwordReset = createRoute({
  method: 'post',
  path: '/auth/admin/users/{user_id}/password-reset',
  tags: ['admin'],
  summary: 'Mail a user a token that sets a new password',
  security: memberOnly,
  request: { params: userIdParams },
  responses: {
    202: { description: 'A mail is on its way' },
    ...problems({ ...userProblems, 409: '`user_disabled`' }),
  },
})

type Deps = {
  users: Pick<UserStore, 'find' | 'requestReset'>
  mails: Pick<Mails, 'sealToken'>
  now: () => number
}

/** For a user who cannot ask alone; staff never sees the token. */
export function mountResetUserPassword(app: App, { users, mails, now }: Deps): void {
  app.openapi(passwordReset, async (c) => {
    const { userId, userEmail, username } = await readUser(users, c.req.valid('param').user_id)
    const mailed = await mails.sealToken('password_reset', { userEmail, username })
    const request = { userId, userEmail, ...mailed, at: new Date(now()) }
    const outcome = accepted(await users.requestReset(request, byOf(c)))
    if (outcome === 'disabled') {
      const text = 'This account is disabled. Enable the account first.'
      throw new Problem(409, 'user_disabled', text)
    }
    return c.body(null, 202)
  })
}
