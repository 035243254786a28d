import { createHash } from 'node:crypto'
import type { Limiter } from '@ego/kit/async/limiter'
import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOrAnonymous, problems } from '@ego/kit/http/openapi'
import { fromCursor, pageQuery, toCursor } from '@ego/kit/http/page'
import { Problem } from '@ego/kit/http/problem'
import { isStorable } from '@ego/kit/http/text'
import { userIdText } from '@ego/kit/http/user-id'
import { createRoute, z } from '@hono/zod-openapi'
import type { Post } from '../post/post.ts'
import type { PostStore } from '../post/store.ts'
import { postFields, postView } from '../post/view.ts'
import { highlights } from './highlight.ts'
import { mapInSlices } from './map-in-slices.ts'
import { parseQuery, type Query, queryWordsMax, termsMax } from './query.ts'
import type { Hits, SearchIndex, Wanted } from './search-index.ts'
import type { SearchSource } from './source.ts'

const queryCharactersMax = 1_000

const time = z.iso
  .datetime({ offset: true, error: 'Use a time such as 2026-01-31T12:00:00Z.' })
  .transform((text) => new Date(text))
  .refine((date) => !Number.isNaN(date.getTime()), 'Use a time that exists.')
  .optional()
  .openapi({ type: 'string', format: 'date-time' })

const searchPageSchema = z
  .object({
    items: z.array(
      z.object({ ...postFields, highlights: z.array(z.string()) }).openapi('FoundPost'),
    ),
    next_cursor: z.string().nullable(),
  })
  .openapi('SearchPage')

const searchRoute = createRoute({
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
    200: jsonAnswer('A page of posts', searchPageSchema),
    ...problems({
      401: '`token_invalid`',
      422: '`validation_failed`',
      503: '`busy`, `unavailable`',
    }),
  },
})

export type SearchDeps = {
  index: Pick<SearchIndex, 'search'>
  source: Pick<SearchSource, 'isCurrentFor'>
  posts: Pick<PostStore, 'listByIds'>
  /** Brings the writes of this member into the index before those of others. */
  prioritize: (creatorId: number) => void
  /** Some searches are costly, and none may keep the others from the database. */
  limiter: Limiter
  sleep: (ms: number) => Promise<unknown>
}

export function mountSearch(app: App, deps: SearchDeps): void {
  app.openapi(searchRoute, async (c) => {
    const { creator_id, since, until, ...request } = c.req.valid('query')
    const { items, nextCursor } = await searchPosts(deps, {
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

export type SearchRequest = Omit<Wanted, 'query' | 'after'> & {
  q: string
  cursor?: string | undefined
  /** Whose own posts must be found, as far as they were written. */
  viewerId: number | null
}

type SearchPage = { items: { post: Post; highlights: string[] }[]; nextCursor: string | null }

export async function searchPosts(
  deps: SearchDeps,
  { q, cursor, viewerId, ...request }: SearchRequest,
): Promise<SearchPage> {
  const query = parseQuery(q)
  const isUnsearchable = query.terms.length === 0 && q.trim() !== ''
  if (isUnsearchable) return { items: [], nextCursor: null }
  const sort = hasWanted(query) ? request.sort : 'newest'
  const name = `${sort} ${digestOf({ q, ...request })} `
  const after = cursor === undefined ? null : positionOf(cursor, name)
  if (viewerId !== null) await catchUp(deps, viewerId)
  const wanted = { ...request, sort, query, after }
  const { postIds, next } = await deps.limiter(() => find(deps.index, wanted))
  const posts = await deps.posts.listByIds(postIds)
  return {
    items: await mapInSlices(posts, (post) => ({
      post,
      highlights: highlights(post.textContent, query),
    })),
    nextCursor: next === null ? null : toCursor(name + next),
  }
}

/** Without a term that is wanted no post is more relevant than another. */
function hasWanted({ terms }: Query): boolean {
  return terms.some(({ isExcluded }) => !isExcluded)
}

type Asked = Pick<SearchRequest, 'q' | 'creatorId' | 'since' | 'until'>

/** Short, because it is in every cursor: it tells mistakes, not forgeries. */
function digestOf({ q, creatorId, since, until }: Asked): string {
  const asked = JSON.stringify([q, creatorId, since, until])
  return createHash('sha256').update(asked).digest('base64url').slice(0, 8)
}

const catchUpTriesMax = 100
const catchUpPollMs = 20

/** Only a member who has just written waits, and not for long: an index that is away must not take the search along. */
async function catchUp({ source, prioritize, sleep }: SearchDeps, userId: number): Promise<void> {
  for (let tries = 0; tries < catchUpTriesMax; tries += 1) {
    if (await source.isCurrentFor(userId)) return
    prioritize(userId)
    await sleep(catchUpPollMs)
  }
}

function positionOf(cursor: string, name: string): string {
  const position = fromCursor(cursor, z.string())
  if (position.startsWith(name)) return position.slice(name.length)
  throw notOfThisSearch()
}

async function find(index: SearchDeps['index'], wanted: Wanted): Promise<Hits> {
  try {
    return await index.search(wanted)
  } catch (error) {
    if (error instanceof RangeError) throw notOfThisSearch(error)
    throw error
  }
}

function notOfThisSearch(cause?: unknown): Problem {
  return new Problem(422, 'validation_failed', 'The cursor is not one of this search.', {
    cause,
    errors: [{ pointer: '#/cursor', message: 'Send next_cursor of the page before, unchanged.' }],
  })
}
