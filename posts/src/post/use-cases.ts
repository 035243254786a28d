import { fromCursor, toCursor, toPage } from '@ego/kit/page'
import { Problem } from '@ego/kit/problem'
import { z } from 'zod'
import type { Post } from './post.ts'
import type { ChangeRefusal, NewPost, PostChange, PostList, PostStore } from './store.ts'

type Deps = {
  posts: PostStore
  /** The index has something to catch up with. */
  wake: () => void
}

export function createPost({ posts, wake }: Deps) {
  return async (post: NewPost, requestId: string): Promise<Post> => {
    const created = await posts.create(post, requestId)
    wake()
    if (created) return created
    throw new Problem(401, 'account_deleted', 'This account was deleted; it cannot write any more.')
  }
}

export function readPost({ posts }: Pick<Deps, 'posts'>) {
  return async (postId: string): Promise<Post> => {
    const post = await posts.find(postId)
    if (post) return post
    throw refused('not_found')
  }
}

export type PostListRequest = Omit<PostList, 'before'> & { cursor?: string | undefined }

export function listPosts({ posts }: Pick<Deps, 'posts'>) {
  return async ({ cursor, limit, creatorId }: PostListRequest) => {
    const before = cursor === undefined ? null : fromCursor(cursor, z.uuid())
    const found = await posts.list({ creatorId, before, limit: limit + 1 })
    return toPage(found, limit, (post) => toCursor(post.postId))
  }
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
