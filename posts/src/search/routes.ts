import type { App } from '@ego/kit/app'
import { jsonAnswer, memberOrAnonymous, problems } from '@ego/kit/openapi'
import { pageQuery } from '@ego/kit/page'
import { isStorable } from '@ego/kit/text'
import { createRoute, z } from '@hono/zod-openapi'
import { postSchema, postView } from '../post/view.ts'
import type { searchPosts } from './use-cases.ts'

const queryCharactersMax = 1_000

const search = createRoute({
  method: 'get',
  path: '/posts/search',
  tags: ['search'],
  summary: 'Search posts by their words, newest first',
  security: memberOrAnonymous,
  request: {
    query: z.strictObject({
      q: z
        .string()
        .max(queryCharactersMax, `Search for at most ${queryCharactersMax} characters.`)
        .refine(isStorable, 'Search for text without NUL characters.')
        .openapi({ example: 'test' }),
      ...pageQuery,
    }),
  },
  responses: {
    200: jsonAnswer(
      'A page of posts',
      z.object({ items: z.array(postSchema), next_cursor: z.string().nullable() }),
    ),
    ...problems({
      401: '`token_invalid`',
      422: '`validation_failed`',
      503: '`unavailable`',
    }),
  },
})

type Deps = { searchPosts: ReturnType<typeof searchPosts> }

export function mountSearch(app: App, { searchPosts }: Deps): void {
  app.openapi(search, async (c) => {
    const { items, nextCursor } = await searchPosts(c.req.valid('query'))
    return c.json({ items: items.map(postView), next_cursor: nextCursor }, 200)
  })
}
