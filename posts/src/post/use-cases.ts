import { Problem } from '@ego/kit/http/problem'
import { type PageRequest, pageOfPosts } from './page.ts'
import type { Post } from './post.ts'
import type { ChangeRefusal, NewPost, OnceRefusal, PostChange, PostStore } from './store.ts'

type Deps = {
  posts: PostStore
  /** The index has something to catch up with. */
  wake: () => void
}

export function createPost({ posts, wake }: Deps) {
  return async (post: NewPost, requestId: string): Promise<Post> => {
    const created = await posts.create(post, requestId)
    wake()
    if (created === 'account_deleted') throw notWritten(created)
    return created
  }
}

export function createPostOnce({ posts, wake }: Deps) {
  return async (post: NewPost, key: string, requestId: string) => {
    const created = await posts.createOnce(post, key, requestId)
    wake()
    if (typeof created === 'string') throw notWritten(created)
    return created
  }
}

export function readPost({ posts }: Pick<Deps, 'posts'>) {
  return async (postId: string): Promise<Post> => {
    const post = await posts.find(postId)
    if (post) return post
    throw refused('not_found')
  }
}

export type PostListRequest = { creatorId: number | null } & PageRequest

export function listPosts({ posts }: Pick<Deps, 'posts'>) {
  return ({ creatorId, ...request }: PostListRequest) =>
    pageOfPosts(`posts ${creatorId ?? 'all'}`, request, (wanted) =>
      posts.list({ creatorId, ...wanted }),
    )
}

export function editPost({ posts, wake }: Deps) {
  return async (change: PostChange, textContent: string, requestId: string): Promise<Post> => {
    const edited = await posts.edit(change, textContent, requestId)
    wake()
    if (typeof edited === 'string') throw refused(edited)
    return edited
  }
}

export function deletePost({ posts, wake }: Deps) {
  return async (change: PostChange, requestId: string): Promise<void> => {
    const outcome = await posts.delete(change, requestId)
    wake()
    if (outcome !== 'deleted') throw refused(outcome)
  }
}

function notWritten(refusal: OnceRefusal): Problem {
  if (refusal === 'account_deleted') {
    const text = 'This account was deleted; it cannot write any more.'
    return new Problem(401, 'account_deleted', text)
  }
  if (refusal === 'key_in_use') {
    const text = 'A request with this Idempotency-Key is still running. Try again in a moment.'
    return new Problem(409, 'idempotency_key_in_use', text, { headers: { 'retry-after': '1' } })
  }
  if (refusal === 'key_reused') {
    const text = 'This Idempotency-Key came with another body before. Use a new key for a new post.'
    return new Problem(422, 'idempotency_key_reused', text)
  }
  const text = 'The post of this Idempotency-Key was deleted. Use a new key to write it again.'
  return new Problem(404, 'post_not_found', text)
}

function refused(refusal: ChangeRefusal): Problem {
  if (refusal === 'not_found') {
    return new Problem(404, 'post_not_found', 'There is no such post; it may be deleted.')
  }
  if (refusal === 'not_yours') {
    return new Problem(403, 'not_your_post', 'This is not your post. Only its writer may do this.')
  }
  const text = 'The post was edited since you read it. Read it again, then change it.'
  return new Problem(412, 'post_changed', text)
}
