import { z } from '@hono/zod-openapi'
import type { Post } from './post.ts'

export const postSchema = z
  .object({
    post_id: z.uuid(),
    creator_id: z.int(),
    text_content: z.string(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    author: z
      .object({
        user_id: z.int(),
        username: z.string(),
        first_name: z.string(),
        last_name: z.string(),
        avatar_url: z.string().nullable(),
      })
      .nullable()
      .openapi({ description: '`null` while the author has no profile.' }),
  })
  .openapi('Post')

export function postView(post: Post): z.output<typeof postSchema> {
  const { author } = post
  return {
    post_id: post.postId,
    creator_id: post.creatorId,
    text_content: post.textContent,
    created_at: post.createdAt.toISOString(),
    updated_at: post.updatedAt.toISOString(),
    author: author && {
      user_id: author.userId,
      username: author.username,
      first_name: author.firstName,
      last_name: author.lastName,
      avatar_url: null,
    },
  }
}
