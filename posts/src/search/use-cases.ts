import { fromCursor, toCursor, toPage } from '@ego/kit/page'
import { z } from 'zod'
import type { PostIndex } from './index.ts'

export type SearchRequest = { q: string; limit: number; cursor?: string | undefined }

export function searchPosts({ index }: { index: PostIndex }) {
  return async ({ q, limit, cursor }: SearchRequest) => {
    const before = cursor === undefined ? null : fromCursor(cursor, z.uuid())
    const found = await index.search({ words: q, limit: limit + 1, before })
    return toPage(found, limit, (post) => toCursor(post.postId))
  }
}
