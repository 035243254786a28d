import { etagOf } from '@ego/kit/http/etag'
import { jsonAnswer } from '@ego/kit/http/openapi'
import { z } from '@hono/zod-openapi'
import { authorSchema, authorView } from '../author/author.ts'
import type { ContentRow, Post } from './post.ts'

export const postFields = {
  post_id: z.uuid(),
  creator_id: z.int(),
  text_content: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  author: authorSchema.nullable().openapi({
    description: '`null` while the writer has no profile, or has hidden it.',
  }),
} satisfies Record<keyof ContentRow, z.ZodType> & Record<string, z.ZodType>

export const postSchema = z.object(postFields).openapi('Post')

export const etagHeader = z.object({
  ETag: z.string().openapi({ description: 'Send it as If-Match or If-None-Match.' }),
})

export const postAnswer = { ...jsonAnswer('The post', postSchema), headers: etagHeader }

export function postView(post: Post): z.output<typeof postSchema> {
  const { author } = post
  return {
    post_id: post.postId,
    creator_id: post.creatorId,
    text_content: post.textContent,
    created_at: post.createdAt.toISOString(),
    updated_at: post.updatedAt.toISOString(),
    author: author && authorView(author),
  }
}

/** The revision is what an If-Match is about; the rest is the author's card, which is in the answer too. */
export function postEtag(post: Post): string {
  const card = etagOf(JSON.stringify(post.author)).slice(1, 12)
  return `"${post.revision}.${card}"`
}

const etagPattern = /^"(\d{1,9})\.[\w-]{11}"$/

/** `null` for no condition: `*` is any post that is there. What is no tag of a post never matches. */
export function revisionOf(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null
  return Number(etagPattern.exec(ifMatch.trim())?.[1] ?? 0)
}
