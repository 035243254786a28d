import type { Limiter } from '@ego/kit/async/limiter'
import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOrAnonymous, problems } from '@ego/kit/http/openapi'
import { fromCursor, pageQuery, toCursor, toPage } from '@ego/kit/http/page'
import { isStorable } from '@ego/kit/http/text'
import { createRoute, z } from '@hono/zod-openapi'
import { cardSchema, cardView } from '../profile/card.ts'
import type { PeoplePosition, PeopleStore } from './store.ts'

const queryCharactersMax = 200

const peopleSchema = z
  .object({ items: z.array(cardSchema), next_cursor: z.string().nullable() })
  .openapi('People')

const findPeople = createRoute({
  method: 'get',
  path: '/users',
  tags: ['search'],
  summary: 'Find people by name or username',
  description:
    'The best first: the username itself, whole names, beginnings, then what is similar. Accents do not matter, and from three letters on some may be wrong or missing. Where very many fit, the pages end after about a thousand. Without a query: all people, the newest first.',
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
    200: jsonAnswer('People', peopleSchema),
    ...problems({
      401: '`token_invalid`',
      422: '`validation_failed`',
      503: '`busy`, `unavailable`',
    }),
  },
})

type Deps = {
  people: PeopleStore
  /** A query may be similar to many names; other requests must not wait for connections meanwhile. */
  limiter: Limiter
}

export function mountFindPeople(app: App, { people, limiter }: Deps): void {
  app.openapi(findPeople, async (c) => {
    const { query, limit, cursor } = c.req.valid('query')
    const after = cursor === undefined ? null : toPosition(fromCursor(cursor, position))
    const wanted = query.trim()
    const found =
      wanted === ''
        ? await people.list(after, limit + 1)
        : await limiter(() => people.find(wanted, after, limit + 1))
    const { items, nextCursor } = toPage(found, limit, (last) => toCursor(toText(last.position)))
    return c.json({ items: items.map(({ card }) => cardView(card)), next_cursor: nextCursor }, 200)
  })
}

const position = z.string().regex(/^[01](\.\d{1,20})? \d{1,15}$/)

function toPosition(text: string): PeoplePosition {
  const [score, userId] = text.split(' ')
  return { score: Number(score), userId: Number(userId) }
}

function toText({ score, userId }: PeoplePosition): string {
  return `${score} ${userId}`
}
