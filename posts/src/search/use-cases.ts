import { fromCursor, toCursor } from './cursor.ts'
import type { PostIndex } from './index.ts'

export type SearchRequest = { q: string; limit: number; cursor?: string | undefined }

export function searchPosts({ index }: { index: PostIndex }) {
  return async ({ q, limit, cursor }: SearchRequest) => {
    const before = cursor === undefined ? null : fromCursor(cursor)
    // One more than asked for tells whether there is a next page.
    const found = await index.search({ words: q, limit: limit + 1, before })
    const items = found.slice(0, limit)
    const last = items.at(-1)
    return { items, nextCursor: last && found.length > limit ? toCursor(last.postId) : null }
  }
}
