import type { Query } from './query.ts'

/** A post as it is found. */
export type Document = {
  /** A UUIDv7 of about the time of its creation. */
  postId: string
  creatorId: number
  createdAt: Date
  revision: number
  textContent: string
}

export type Sort = 'relevance' | 'newest'

export type Wanted = {
  query: Query
  creatorId: number | null
  since: Date | null
  until: Date | null
  sort: Sort
  /** What the page before answered as `next`. */
  after: string | null
  limit: number
}

export type Hits = { postIds: string[]; next: string | null }

export type Entry = { postId: string; revision: number }

/**
 * Finds posts by their words. It holds copies of the posts and nothing else; all of it can be built again.
 *
 * - A query finds the posts that have every term that is not excluded, and none that is. A term is words next to each
 *   other; the last one may be a prefix. A query without terms, or with excluded ones only, takes every post.
 * - `newest` is the order of the ids, downwards. `relevance` puts first where the terms make up more of the text; an engine
 *   may rank only the newest 2,000 hits, and then the others follow, the newest first. It is asked for only with a term
 *   that is not excluded.
 * - Pages neither repeat nor miss what was there with the first page, while posts are added.
 * - Writing an older revision over a newer one changes nothing. What was written is found by the next search.
 * - Between `beginRebuild` and `finish` there are two copies: `put` and `remove` change both, searches ask the old
 *   one, `fill` writes the new one. Beginning again forgets what an earlier rebuild has left.
 * - The copy that is searched is made where there is none yet, by the first call.
 */
export type SearchIndex = {
  put(documents: readonly Document[]): Promise<void>
  /** Removing what is absent is fine. */
  remove(postIds: readonly string[]): Promise<void>
  /** Throws what `noPosition` makes when `after` is not a position of such a search. */
  search(wanted: Wanted): Promise<Hits>
  /** What searches find, in the order of the ids, after the given one. */
  list(after: string | null, limit: number): Promise<Entry[]>
  /** Rejects while nothing can be searched. */
  check(): Promise<void>

  beginRebuild(): Promise<Rebuild>
  /**
   * Drops the copies that rebuilds have left when they broke off, and answers their names. Not to be called while one is
   * under way: it could not go on.
   */
  dropLeft(): Promise<string[]>
}

export type Rebuild = {
  fill(documents: readonly Document[]): Promise<void>
  /** Searches ask the new copy from here on; the old one is dropped. */
  finish(): Promise<void>
}

export function isPostId(text: string): boolean {
  return postIdPattern.test(text)
}

export function noPosition(cause?: unknown): RangeError {
  return new RangeError('No position of a search.', { cause })
}

const postIdPattern = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
