import { type App, requireMember } from '@ego/kit/http/app'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { type Account, password, userEmail, username } from '../account/account.ts'
import type { readOwnAccount } from '../account/use-cases.ts'
import { byOf } from '../audit/by.ts'
import type { changeOwnAccount, deleteOwnAccount } from './own-use-cases.ts'

const accountSchema = z
  .object({
    user_id: z.int(),
    username: z.string(),
    user_email: z.string(),
    email_verified: z.boolean(),
    roles: z.array(z.string()),
    created_at: z.iso.datetime(),
  })
  .openapi('Account')

const provenPassword = z.string().min(1).max(512).openapi({ format: 'password' })
const member = {
  401: '`not_signed_in`, `token_invalid`',
  404: '`user_not_found`',
  503: '`busy`, `unavailable`',
} as const
const proof = { 403: '`wrong_password`', 429: '`too_many_attempts`, `too_many_requests`' } as const

const read = createRoute({
  method: 'get',
  path: '/auth/me',
  tags: ['account'],
  summary: 'Read your own account',
  security: memberOnly,
  responses: { 200: jsonAnswer('The account', accountSchema), ...problems(member) },
})

const change = createRoute({
  method: 'patch',
  path: '/auth/me',
  tags: ['account'],
  summary: 'Change your own account',
  description:
    'A new e-mail address holds once it was confirmed with the token that is mailed to it. A new password ends all other sessions. A new username without the current password counts as a guess of it, because it must not be the password.',
  security: memberOnly,
  request: {
    body: jsonBody(
      z
        .strictObject({
          username: username.optional(),
          user_email: userEmail.optional(),
          password: password.optional(),
          current_password: provenPassword.optional(),
        })
        .refine(({ current_password: _, ...rest }) => Object.keys(rest).length > 0, {
          message: 'Send at least one of username, user_email and password.',
        })
        .refine(
          ({ user_email, password, current_password }) =>
            (user_email ?? password) === undefined || current_password !== undefined,
          {
            message: 'A new e-mail address or password wants the current password.',
            path: ['current_password'],
          },
        )
        .openapi('AccountChange'),
    ),
  },
  responses: {
    200: jsonAnswer('The account as it is now', accountSchema),
    ...problems({ ...bodyProblems, ...member, ...proof, 409: '`username_taken`, `email_taken`' }),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/auth/me',
  tags: ['account'],
  summary: 'Erase your own account everywhere',
  security: memberOnly,
  request: {
    body: jsonBody(z.strictObject({ password: provenPassword }).openapi('AccountDeletion')),
  },
  responses: {
    204: { description: 'Erased' },
    ...problems({ ...bodyProblems, ...member, ...proof, 409: '`last_staff`' }),
  },
})

export type OwnAccountRoutes = {
  readOwnAccount: ReturnType<typeof readOwnAccount>
  changeOwnAccount: ReturnType<typeof changeOwnAccount>
  deleteOwnAccount: ReturnType<typeof deleteOwnAccount>
}

export function mountOwnAccount(app: App, deps: OwnAccountRoutes): void {
  app.openapi(read, async (c) =>
    c.json(toView(await deps.readOwnAccount(requireMember(c).userId)), 200),
  )

  app.openapi(change, async (c) => {
    const { userId, sessionId } = requireMember(c)
    const body = c.req.valid('json')
    return c.json(toView(await deps.changeOwnAccount(userId, sessionId, body, byOf(c))), 200)
  })

  app.openapi(remove, async (c) => {
    const { userId, sessionId } = requireMember(c)
    await deps.deleteOwnAccount(userId, sessionId, c.req.valid('json').password, byOf(c))
    return c.body(null, 204)
  })
}

function toView(account: Account): z.output<typeof accountSchema> {
  return {
    user_id: account.userId,
    username: account.username,
    user_email: account.userEmail,
    email_verified: account.isEmailVerified,
    roles: [...account.roles],
    created_at: account.createdAt.toISOString(),
  }
}
