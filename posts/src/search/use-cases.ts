import { createHash } from 'node:crypto'
import type { Limiter } from '@ego/kit/async/limiter'
import { fromCursor, toCursor } from '@ego/kit/http/page'
import { Problem } from '@ego/kit/http/problem'
import { z } from 'zod'
import type { Post } from '../post/post.ts'
import type { PostStore } from '../post/store.ts'
import { highlights } from './highlight.ts'
import { mapInTurns } from './map-in-slices.ts'
import { parseQuery, type Query } from './query.ts'
import type { Hits, SearchIndex, Sort, Wanted } from './search-index.ts'
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
  /** Brings somebody's own writes into the index before those of others. */
  bring: (creatorId: number) => void
  /** Some searches are costly, and none may keep the others from the database. */
  limiter: Limiter
  sleep: (ms: number) => Promise<unknown>
}

const catchUpTriesMax = 100
const catchUpPollMs = 20

export function searchPosts(deps: Deps) {
  return async ({ q, cursor, viewerId, ...request }: SearchRequest) => {
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
      items: await mapInTurns(posts, (post) => ({
        post,
        highlights: highlights(post.textContent, query),
      })),
      nextCursor: next === null ? null : toCursor(name + next),
    }
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

/** Only whoever has just written waits, and not for ever: an index that is away must not take the search along. */
async function catchUp({ source, bring, sleep }: Deps, userId: number): Promise<void> {
  for (let tries = 0; tries < catchUpTriesMax; tries += 1) {
    if (await source.isCurrentFor(userId)) return
    bring(userId)
    await sleep(catchUpPollMs)
  }
}

function positionOf(cursor: string, name: string): string {
  const position = fromCursor(cursor, z.string())
  if (position.startsWith(name)) return position.slice(name.length)
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
