import { fromCursor, toCursor, toPage } from '@ego/kit/page'
import { z } from 'zod'
import type { FeedRequest, FeedStore } from './store.ts'

type Request = Omit<FeedRequest, 'before'> & { cursor?: string | undefined }

export function readFeed({ feed }: { feed: FeedStore }) {
  return async ({ userId, limit, cursor }: Request) => {
    const before = cursor === undefined ? null : fromCursor(cursor, z.uuid())
    const found = await feed.list({ userId, before, limit: limit + 1 })
    return toPage(found, limit, (post) => toCursor(post.postId))
  }
}
