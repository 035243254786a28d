import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { userEmail, username } from '../account/account.ts'
import { byOf } from '../audit/audit.ts'
import { emailChangeNotice, type Mails } from '../mail-token/mail.ts'
import { accepted, notOnYourself } from './refusal.ts'
import { userProblems } from './staff-only.ts'
import type { UserStore } from './store.ts'
import { possibleId, roles, status, userIdParams, userSchema, userView } from './user.ts'

const userChange = z
  .strictObject({ status, roles, username, user_email: userEmail })
  .partial()
  .refine(
    (body) => Object.keys(body).length > 0,
    'Send at least one of status, roles, username and user_email.',
  )
  .openapi('UserChange')

const change = createRoute({
  method: 'patch',
  path: '/auth/admin/users/{user_id}',
  tags: ['admin'],
  summary: 'Change a user',
  description:
    'Disabling a user and changing the roles end all sessions of the user at once. A new e-mail address is not verified, and the old one is told. Your own username and address change with PATCH /auth/me.',
  security: memberOnly,
  request: { params: userIdParams, body: jsonBody(userChange) },
  responses: {
    200: jsonAnswer('The user as it is now', userSchema),
    ...problems({
      ...bodyProblems,
      ...userProblems,
      409: '`username_taken`, `email_taken`, `not_on_yourself`, `last_staff`',
    }),
  },
})

type Deps = {
  users: Pick<UserStore, 'change'>
  mails: Pick<Mails, 'seal'>
  now: () => number
}

export function mountChangeUser(app: App, { users, mails, now }: Deps): void {
  app.openapi(change, async (c) => {
    const by = byOf(c)
    const { user_id } = c.req.valid('param')
    const { user_email: userEmail, ...rest } = c.req.valid('json')
    if (user_id === by.actorId) refuseOnYourself(c.req.valid('json'))
    const notice = emailChangeNotice(mails, new Date(now()))
    const change = userEmail === undefined ? rest : { ...rest, newEmail: { userEmail, notice } }
    return c.json(userView(accepted(await users.change(possibleId(user_id), change, by))), 200)
  })
}

/**
 * No password and no mailbox is proven here, so a stolen token must not move the account to another address, and nothing
 * would keep a user from choosing their password as their username.
 */
function refuseOnYourself({ status, roles, user_email, username }: z.output<typeof userChange>) {
  if ((status ?? roles) !== undefined) throw notOnYourself()
  if ((user_email ?? username) === undefined) return
  throw notOnYourself('Change your own username and e-mail address with PATCH /auth/me.')
}
