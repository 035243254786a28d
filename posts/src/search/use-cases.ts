import { fromCursor, toCursor } from '@ego/kit/page'
import { Problem } from '@ego/kit/problem'
import { z } from 'zod'
import type { Post } from '../post/post.ts'
import type { PostStore } from '../post/store.ts'
import { highlights } from './highlight.ts'
import type { Hits, SearchIndex, Sort, Wanted } from './index.ts'
import { parseQuery } from './query.ts'
import type { SearchSource } from './source.ts'

export type SearchRequest = {
  q: string
  creatorId: number | null
  since: Date | null
  until: Date | null
  sort: Sort
  limit: number
  cursor?: string | undefined
  /** Whose own posts must be found, as far as they were written. */
  viewerId: number | null
}

export type FoundPost = { post: Post; highlights: string[] }

type Deps = {
  index: SearchIndex
  source: Pick<SearchSource, 'isCurrentFor'>
  posts: Pick<PostStore, 'listByIds'>
  wake: () => void
  sleep: (ms: number) => Promise<unknown>
}

const catchUpTriesMax = 100
const catchUpPollMs = 20

export function searchPosts(deps: Deps) {
  return async ({ q, cursor, viewerId, ...request }: SearchRequest) => {
    const query = parseQuery(q)
    const isUnsearchable = query.terms.length === 0 && q.trim() !== ''
    if (isUnsearchable) return { items: [], nextCursor: null }
    const after = cursor === undefined ? null : positionOf(cursor, request.sort)
    if (viewerId !== null) await catchUp(deps, viewerId)
    const { postIds, next } = await find(deps.index, { ...request, query, after })
    const posts = await deps.posts.listByIds(postIds)
    return {
      items: posts.map((post) => ({ post, highlights: highlights(post.textContent, query) })),
      nextCursor: next === null ? null : toCursor(`${request.sort} ${next}`),
    }
  }
}

/** Only whoever has just written waits, and not for ever: an index that is away must not take the search along. */
async function catchUp({ source, wake, sleep }: Deps, userId: number): Promise<void> {
  for (let tries = 0; tries < catchUpTriesMax; tries += 1) {
    if (await source.isCurrentFor(userId)) return
    wake()
    await sleep(catchUpPollMs)
  }
}

function positionOf(cursor: string, sort: Sort): string {
  const position = fromCursor(cursor, z.string())
  if (position.startsWith(`${sort} `)) return position.slice(sort.length + 1)
  throw notOfThisSearch()
}

async function find(index: SearchIndex, wanted: Wanted): Promise<Hits> {
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
