import { type App, type AppContext, requireMember } from '@ego/kit/http/app'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { type Post, textContent } from './post.ts'
import { postIdParams } from './read.ts'
import type { createPost, createPostOnce, deletePost, editPost } from './use-cases.ts'
import { etagHeader, postEtag, postSchema, postView, revisionOf } from './view.ts'

const common = { tags: ['post'], security: memberOnly }
const unauthorized = '`not_signed_in`, `token_invalid`'
const refusals = {
  401: unauthorized,
  403: '`not_your_post`',
  404: '`post_not_found`',
  412: '`post_changed`',
  422: '`validation_failed`',
  503: '`unavailable`',
} as const

const body = jsonBody(z.strictObject({ text_content: textContent }).openapi('PostText'))

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'Use 1 to 255 visible ASCII characters, such as a UUID.')
  .optional()
  .openapi({
    description: 'The same key and body within 24 hours answer the same post, as it is by then.',
  })

const ifMatch = z
  .string()
  .optional()
  .openapi({ description: 'The ETag of the post as you read it; 412 if it was edited since.' })

const createdHeaders = etagHeader.extend({
  Location: z.string().openapi({ description: 'Where the post is read.' }),
  'Idempotency-Replayed': z
    .literal('true')
    .optional()
    .openapi({ description: 'The post was written by an earlier request with the same key.' }),
})

const create = createRoute({
  ...common,
  method: 'post',
  path: '/posts',
  summary: 'Write a post',
  request: { body, headers: z.object({ 'idempotency-key': idempotencyKey }) },
  responses: {
    201: { ...jsonAnswer('The post', postSchema), headers: createdHeaders },
    ...problems({
      ...bodyProblems,
      401: `${unauthorized}, \`account_deleted\``,
      404: '`post_not_found`: the post that the Idempotency-Key has written was deleted',
      409: '`idempotency_key_in_use`',
      422: '`validation_failed`, `idempotency_key_reused`',
      503: '`unavailable`',
    }),
  },
})

const edit = createRoute({
  ...common,
  method: 'patch',
  path: '/posts/{post_id}',
  summary: 'Edit your post',
  request: { params: postIdParams, body, headers: z.object({ 'if-match': ifMatch }) },
  responses: {
    200: { ...jsonAnswer('The post', postSchema), headers: etagHeader },
    ...problems({ ...bodyProblems, ...refusals }),
  },
})

const remove = createRoute({
  ...common,
  method: 'delete',
  path: '/posts/{post_id}',
  summary: 'Delete your post',
  request: { params: postIdParams, headers: z.object({ 'if-match': ifMatch }) },
  responses: { 204: { description: 'It is deleted.' }, ...problems(refusals) },
})

type Deps = {
  createPost: ReturnType<typeof createPost>
  createPostOnce: ReturnType<typeof createPostOnce>
  editPost: ReturnType<typeof editPost>
  deletePost: ReturnType<typeof deletePost>
}

export function mountPostWrites(app: App, useCases: Deps): void {
  const { createPost, createPostOnce, editPost, deletePost } = useCases
  app.openapi(create, async (c) => {
    const { userId } = requireMember(c)
    const { text_content } = c.req.valid('json')
    const post = { creatorId: userId, textContent: text_content }
    const key = c.req.valid('header')['idempotency-key']
    if (key === undefined) return created(c, await createPost(post, c.get('requestId')))
    const answer = await createPostOnce(post, key, c.get('requestId'))
    if (answer.isReplay) c.header('idempotency-replayed', 'true')
    return created(c, answer.post)
  })

  app.openapi(edit, async (c) => {
    const { text_content } = c.req.valid('json')
    const post = await editPost(changeOf(c, c.req.valid('param')), text_content, c.get('requestId'))
    return c.json(postView(post), 200, { etag: postEtag(post) })
  })

  app.openapi(remove, async (c) => {
    await deletePost(changeOf(c, c.req.valid('param')), c.get('requestId'))
    return c.body(null, 204)
  })
}

function changeOf(c: AppContext, { post_id }: { post_id: string }) {
  const revision = revisionOf(c.req.header('if-match'))
  return { postId: post_id, creatorId: requireMember(c).userId, revision }
}

function created(c: AppContext, post: Post) {
  return c.json(postView(post), 201, {
    etag: postEtag(post),
    location: `/posts/${post.postId}`,
  })
}
