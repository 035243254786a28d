import type { Post } from '../post/post.ts'

export type FeedRequest = { userId: number; before: string | null; limit: number }

export type FeedStore = {
  /** Posts of the person and of everybody the person follows; newest first, those older than `before`. */
  list(wanted: FeedRequest): Promise<Post[]>
}
