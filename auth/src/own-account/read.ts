import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import type { AccountStore } from '../account/store.ts'
import { accountSchema, accountView, ownProblems, readAccount } from './own-account.ts'

const read = createRoute({
  method: 'get',
  path: '/auth/me',
  tags: ['account'],
  summary: 'Read your own account',
  security: memberOnly,
  responses: { 200: jsonAnswer('The account', accountSchema), ...problems(ownProblems) },
})

type Deps = { accounts: Pick<AccountStore, 'find'> }

export function mountReadOwn(app: App, { accounts }: Deps): void {
  app.openapi(read, async (c) =>
    c.json(accountView(await readAccount(accounts, requireMember(c).userId)), 200),
  )
}
