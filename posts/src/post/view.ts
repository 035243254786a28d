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

/** The revision, and a digest of everything that is shown: the card of the author changes without the revision. */
export function postEtag(post: Post): string {
  const digest = etagOf(JSON.stringify(postView(post))).slice(1, 12)
  return `"${post.revision}.${digest}"`
}

const etagPattern = /^"(\d{1,9})\.[\w-]{11}"$/

/**
 * The revisions that an If-Match names; `null` for any, as `*` does. A weak tag, or one of something else, names none. The
 * digest is not compared: an edit after the author was renamed overwrites nothing that its sender has not read.
 */
export function revisionsOf(ifMatch: string | undefined): number[] | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null
  return ifMatch.split(',').flatMap((tag) => {
    const [, revision] = etagPattern.exec(tag.trim()) ?? []
    return revision === undefined ? [] : [Number(revision)]
  })
}
