import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { Problem } from '@ego/kit/http/problem'
import { createRoute, z } from '@hono/zod-openapi'
import { accountDeleted, postContentSchema, toContent } from './post.ts'
import type { CreateRefusal, NewPost, NewPosts } from './store.ts'
import { etagHeader, postAnswer, postEtag, postView } from './view.ts'

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'Use 1 to 255 visible ASCII characters, such as a UUID.')
  .optional()
  .openapi({
    description: 'The same key and body within 24 hours answer the same post, as it is by then.',
  })

const createdHeaders = etagHeader.extend({
  Location: z.string().openapi({ description: 'Where the post is read.' }),
  'Idempotency-Replayed': z
    .literal('true')
    .optional()
    .openapi({ description: 'The post was written by an earlier request with the same key.' }),
})

const createPost = createRoute({
  method: 'post',
  path: '/posts',
  tags: ['post'],
  summary: 'Write a post',
  security: memberOnly,
  request: {
    body: jsonBody(postContentSchema),
    headers: z.object({ 'idempotency-key': idempotencyKey }),
  },
  responses: {
    201: { ...postAnswer, headers: createdHeaders },
    ...problems({
      ...bodyProblems,
      401: '`not_signed_in`, `token_invalid`, `account_deleted`',
      404: '`post_not_found`: the post that the Idempotency-Key has written was deleted',
      409: '`idempotency_key_in_use`',
      422: '`validation_failed`, `idempotency_key_reused`',
      503: '`unavailable`',
    }),
  },
})

type Deps = { newPosts: NewPosts; wakeIndex: () => void }

export function mountCreatePost(app: App, { newPosts, wakeIndex }: Deps): void {
  app.openapi(createPost, async (c) => {
    const { userId } = requireMember(c)
    const content = toContent(c.req.valid('json'))
    const key = c.req.valid('header')['idempotency-key'] ?? null
    const created = await write({ creatorId: userId, ...content }, key, c.get('requestId'))
    if (typeof created === 'string') throw notCreated(created)
    wakeIndex()
    const { post, isReplay } = created
    if (isReplay) c.header('idempotency-replayed', 'true')
    const headers = { etag: postEtag(post), location: `/posts/${post.postId}` }
    return c.json(postView(post), 201, headers)
  })

  async function write(post: NewPost, key: string | null, requestId: string) {
    if (key !== null) return newPosts.createOnce(post, key, requestId)
    const created = await newPosts.create(post, requestId)
    return created === 'account_deleted' ? created : { post: created, isReplay: false }
  }
}

function notCreated(refusal: CreateRefusal): Problem {
  if (refusal === 'account_deleted') return accountDeleted()
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
