import type { App } from '@ego/kit/http/app'
import { jsonAnswer, memberOrAnonymous, problems } from '@ego/kit/http/openapi'
import { pageQuery } from '@ego/kit/http/page'
import { isStorable } from '@ego/kit/http/text'
import { createRoute, z } from '@hono/zod-openapi'
import { cardSchema, cardView } from '../profile/card.ts'
import type { findPeople } from './use-cases.ts'

const queryCharactersMax = 200

const find = createRoute({
  method: 'get',
  path: '/users',
  tags: ['search'],
  summary: 'Find people by name or username',
  description:
    'The best first: the username itself, whole names, beginnings, then what is similar. Accents do not matter, and from three letters on some may be wrong or missing. Where very many fit, the pages end after about a thousand. Without a query: everybody, the newest first.',
  security: memberOrAnonymous,
  request: {
    query: z.object({
      query: z
        .string()
        .max(queryCharactersMax)
        .refine(isStorable, 'Use text without NUL.')
        .default('')
        .openapi({ example: 'testusrname' }),
      ...pageQuery,
    }),
  },
  responses: {
    200: jsonAnswer(
      'People',
      z
        .object({ items: z.array(cardSchema), next_cursor: z.string().nullable() })
        .openapi('People'),
    ),
    ...problems({
      401: '`token_invalid`',
      422: '`validation_failed`',
      503: '`busy`, `unavailable`',
    }),
  },
})

type Deps = { findPeople: ReturnType<typeof findPeople> }

export function mountSearch(app: App, { findPeople }: Deps): void {
  app.openapi(find, async (c) => {
    const { items, nextCursor } = await findPeople(c.req.valid('query'))
    return c.json({ items: items.map(({ card }) => cardView(card)), next_cursor: nextCursor }, 200)
  })
}
