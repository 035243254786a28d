import { requireMember } from '@ego/kit/http/app'
import type { AppContext } from '@ego/kit/http/context'
import { Problem } from '@ego/kit/http/problem'
import { z } from '@hono/zod-openapi'
import { postNotFound } from './post.ts'
import type { ChangeRefusal, PostChange } from './store.ts'
import { revisionsOf } from './view.ts'

// What editing and deleting a post have in common.

export const ifMatchHeader = z.object({
  'if-match': z.string().optional().openapi({
    description: 'The ETag of the post as you read it, or several; 412 if it was edited since.',
  }),
})

export const changeRefusals = {
  401: '`not_signed_in`, `token_invalid`',
  403: '`not_your_post`',
  404: '`post_not_found`',
  412: '`post_changed`',
  422: '`validation_failed`',
  503: '`unavailable`',
} as const

export function changeOf(c: AppContext, { post_id }: { post_id: string }): PostChange {
  return {
    postId: post_id,
    creatorId: requireMember(c).userId,
    revisions: revisionsOf(c.req.header('if-match')),
  }
}

export function changeRefused(refusal: ChangeRefusal): Problem {
  if (refusal === 'not_found') return postNotFound()
  if (refusal === 'not_yours') {
    return new Problem(403, 'not_your_post', 'This is not your post. Only its writer may do this.')
  }
  const text = 'The post was edited since you read it. Read it again, then change it.'
  return new Problem(412, 'post_changed', text)
}
