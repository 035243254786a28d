import type { Post } from './post.ts'

export type NewPost = Pick<Post, 'creatorId' | 'textContent'> & {
  /** Writing the same id again changes nothing and answers what is there. */
  postId?: string | undefined
}

/** Who changes which post; with a revision only while the post still has that one. */
export type PostChange = { postId: string; creatorId: number; revision: number | null }

export type ChangeRefusal = 'not_found' | 'not_yours' | 'changed'

export type PostList = { creatorId: number | null; before: string | null; limit: number }

/** Every write tells of itself in an event of the same transaction. Posts of disabled accounts are not found. */
export type PostStore = {
  newId(): Promise<string>
  /** `null` when the account of the writer was erased. */
  create(post: NewPost, requestId: string | null): Promise<Post | null>
  find(postId: string): Promise<Post | null>
  /** Newest first, those older than `before`. */
  list(wanted: PostList): Promise<Post[]>
  /** In the order of the ids, without those that are not there. */
  listByIds(postIds: readonly string[]): Promise<Post[]>
  /** The same text again is no edit. */
  edit(
    change: PostChange,
    textContent: string,
    requestId: string | null,
  ): Promise<Post | ChangeRefusal>
  delete(change: PostChange, requestId: string | null): Promise<'deleted' | ChangeRefusal>
}
