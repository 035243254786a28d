import type { App } from '@ego/kit/http/app'
import { jsonAnswer, memberOrAnonymous, problems } from '@ego/kit/http/openapi'
import { pageQuery } from '@ego/kit/http/page'
import { isStorable } from '@ego/kit/http/text'
import { userIdText } from '@ego/kit/http/user-id'
import { createRoute, z } from '@hono/zod-openapi'
import { postFields, postView } from '../post/view.ts'
import { queryWordsMax, termsMax } from './query.ts'
import type { searchPosts } from './use-cases.ts'

const queryCharactersMax = 1_000

const time = z.iso
  .datetime({ offset: true, error: 'Use a time such as 2026-01-31T12:00:00Z.' })
  .transform((text) => new Date(text))
  .refine((date) => !Number.isNaN(date.getTime()), 'Use a time that exists.')
  .optional()
  .openapi({ type: 'string', format: 'date-time' })

const search = createRoute({
  method: 'get',
  path: '/posts/search',
  tags: ['search'],
  summary: 'Search posts by their words',
  description:
    'Every word must be there. `"quoted words"` stand next to each other, `-word` must not be there, `begin*` is the ' +
    'beginning of a word. Accents and upper case do not matter. Without words: all posts that the other parameters name. ' +
    'Relevance ranks the newest 2,000 hits at least; those behind them, and searches without words, are by time. ' +
    '`highlights` are parts of the text as HTML: everything is escaped, and what was found is in `<em>`.',
  security: memberOrAnonymous,
  request: {
    query: z.strictObject({
      q: z
        .string()
        .max(queryCharactersMax, `Search for at most ${queryCharactersMax} characters.`)
        .refine(isStorable, 'Search for text without NUL characters.')
        .default('')
        .openapi({
          example: 'test',
          description: `The first ${termsMax} terms, and ${queryWordsMax} words in them, count; what is beyond is ignored.`,
        }),
      creator_id: userIdText.optional(),
      since: time,
      until: time,
      sort: z.enum(['relevance', 'newest']).default('relevance'),
      ...pageQuery,
    }),
  },
  responses: {
    200: jsonAnswer(
      'A page of posts',
      z
        .object({
          items: z.array(
            z.object({ ...postFields, highlights: z.array(z.string()) }).openapi('FoundPost'),
          ),
          next_cursor: z.string().nullable(),
        })
        .openapi('SearchPage'),
    ),
    ...problems({
      401: '`token_invalid`',
      422: '`validation_failed`',
      503: '`busy`, `unavailable`',
    }),
  },
})

type Deps = { searchPosts: ReturnType<typeof searchPosts> }

export function mountSearch(app: App, { searchPosts }: Deps): void {
  app.openapi(search, async (c) => {
    const { creator_id, since, until, ...request } = c.req.valid('query')
    const { items, nextCursor } = await searchPosts({
      ...request,
      creatorId: creator_id ?? null,
      since: since ?? null,
      until: until ?? null,
      viewerId: c.get('caller')?.userId ?? null,
    })
    const views = items.map(({ post, highlights }) => ({ ...postView(post), highlights }))
    return c.json({ items: views, next_cursor: nextCursor }, 200)
  })
}
