import { type PageRequest, pageOfPosts } from '../post/page.ts'
import type { FeedStore } from './store.ts'

export function readFeed({ feed }: { feed: FeedStore }) {
  return ({ userId, ...request }: { userId: number } & PageRequest) =>
    pageOfPosts(`feed ${userId}`, request, (wanted) => feed.list({ userId, ...wanted }))
}
