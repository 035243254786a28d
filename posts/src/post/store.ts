import type { Post, PostContent } from './post.ts'

// Every write tells of itself in an event of the same transaction. Posts of disabled accounts are not found.

export type NewPost = PostContent & Pick<Post, 'creatorId'>

/** `gone`: written under this key, and not there any more. */
export type CreateRefusal = 'account_deleted' | 'key_in_use' | 'key_reused' | 'gone'

export type NewPosts = {
  create(post: NewPost, requestId: string | null): Promise<Post | 'account_deleted'>
  /**
   * For a day, a writer's key writes one post: this is part of the transaction that writes the post, so it holds whatever
   * is killed, and for the same key with the same content it answers that post as it is by then.
   */
  createOnce(
    post: NewPost,
    key: string,
    requestId: string | null,
  ): Promise<{ post: Post; isReplay: boolean } | CreateRefusal>
}

/** Who changes which post; with revisions only while the post has one of them. */
export type PostChange = {
  postId: string
  creatorId: number
  revisions: readonly number[] | null
}

export type ChangeRefusal = 'not_found' | 'not_yours' | 'changed'

export type PostStore = {
  find(postId: string): Promise<Post | null>
  /** Newest first, those older than `before`. */
  list(wanted: { creatorId: number | null; before: string | null; limit: number }): Promise<Post[]>
  /** In the order of the ids, without those that are not there. */
  listByIds(postIds: readonly string[]): Promise<Post[]>
  /** The same content again is no edit. */
  edit(
    change: PostChange,
    content: PostContent,
    requestId: string | null,
  ): Promise<Post | ChangeRefusal>
  delete(change: PostChange, requestId: string | null): Promise<'deleted' | ChangeRefusal>
}
