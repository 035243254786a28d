import type { Post } from './post.ts'

export type NewPost = Pick<Post, 'creatorId' | 'textContent'>

export type PostStore = {
  /** Writes the post and `post.created` together. */
  create(post: NewPost, requestId: string | null): Promise<Post>
}
