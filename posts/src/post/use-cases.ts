import type { NewPost, PostStore } from './store.ts'

export function createPost({ posts }: { posts: PostStore }) {
  return (post: NewPost, requestId: string) => posts.create(post, requestId)
}
