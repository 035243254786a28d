import type { Post } from '../post/post.ts'

export type FeedRequest = { userId: number; before: string | null; limit: number }

export type FeedStore = {
  /** Posts of this person and of those whom the person follows; newest first, those older than `before`. */
  list(wanted: FeedRequest): Promise<Post[]>
}
