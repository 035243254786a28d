import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { fromCursor, pageQuery, toCursor, toPage } from '@ego/kit/http/page'
import { isStorable } from '@ego/kit/http/text'
import { createRoute, z } from '@hono/zod-openapi'
import { staffProblems } from './staff-only.ts'
import type { UserStore } from './store.ts'
import { role, status, userId, userSchema, userView } from './user.ts'

const queryCharactersMax = 254

const list = createRoute({
  method: 'get',
  path: '/auth/admin/users',
  tags: ['admin'],
  summary: 'List and search the users, newest first',
  security: memberOnly,
  request: {
    query: z.strictObject({
      query: z
        .string()
        .trim()
        .max(queryCharactersMax, `Search for at most ${queryCharactersMax} characters.`)
        .refine(isStorable, 'Search for text without NUL characters.')
        .optional()
        .openapi({ description: 'A part of the username or the e-mail address, in any case.' }),
      status: status.optional(),
      role: role.optional(),
      ...pageQuery,
    }),
  },
  responses: {
    200: jsonAnswer(
      'A page of users',
      z.object({ items: z.array(userSchema), next_cursor: z.string().nullable() }),
    ),
    ...problems(staffProblems),
  },
})

type Deps = { users: Pick<UserStore, 'list'> }

export function mountListUsers(app: App, { users }: Deps): void {
  app.openapi(list, async (c) => {
    const { query, status, role, limit, cursor } = c.req.valid('query')
    const before = cursor === undefined ? null : fromCursor(cursor, userId)
    const filter = { query: query || null, status: status ?? null, role: role ?? null }
    const found = await users.list({ ...filter, before, limit: limit + 1 })
    const page = toPage(found, limit, (account) => toCursor(String(account.userId)))
    return c.json({ items: page.items.map(userView), next_cursor: page.nextCursor }, 200)
  })
}
