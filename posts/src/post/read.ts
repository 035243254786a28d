import type { App } from '@ego/kit/http/app'
import { tagged, taggedAnswer, takesIfNoneMatch } from '@ego/kit/http/etag'
import { jsonAnswer, memberOrAnonymous, problems } from '@ego/kit/http/openapi'
import { pageQuery } from '@ego/kit/http/page'
import { userIdText } from '@ego/kit/http/user-id'
import { createRoute, z } from '@hono/zod-openapi'
import type { listPosts, readPost } from './use-cases.ts'
import { etagHeader, postEtag, postPageSchema, postSchema, postView } from './view.ts'

export const postIdParams = z.object({
  post_id: z
    .uuid('Use the id of a post.')
    .openapi({ example: '0199d1d2-8c6a-7e0f-9a51-3a1c9de0f0aa' }),
})

const read = createRoute({
  method: 'get',
  path: '/posts/{post_id}',
  tags: ['post'],
  summary: 'Read a post',
  security: memberOrAnonymous,
  ...takesIfNoneMatch,
  request: { params: postIdParams },
  responses: {
    200: { ...jsonAnswer('The post', postSchema), headers: etagHeader },
    304: { description: 'You have just this: the ETag is the same.', headers: etagHeader },
    ...problems({
      401: '`token_invalid`',
      404: '`post_not_found`',
      422: '`validation_failed`',
      503: '`unavailable`',
    }),
  },
})

const list = createRoute({
  method: 'get',
  path: '/posts',
  tags: ['post'],
  summary: 'List posts, of everybody or of one writer, newest first',
  security: memberOrAnonymous,
  request: { query: z.strictObject({ creator_id: userIdText.optional(), ...pageQuery }) },
  responses: {
    200: jsonAnswer('A page of posts', postPageSchema),
    ...problems({
      401: '`token_invalid`',
      422: '`validation_failed`',
      503: '`unavailable`',
    }),
  },
})

type Deps = {
  readPost: ReturnType<typeof readPost>
  listPosts: ReturnType<typeof listPosts>
}

export function mountPost(app: App, { readPost, listPosts }: Deps): void {
  app.openapi(read, async (c) => {
    const post = await readPost(c.req.valid('param').post_id)
    return taggedAnswer(c, tagged(postView(post), postEtag(post)))
  })

  app.openapi(list, async (c) => {
    const { creator_id: creatorId = null, ...page } = c.req.valid('query')
    const { items, nextCursor } = await listPosts({ creatorId, ...page })
    return c.json({ items: items.map(postView), next_cursor: nextCursor }, 200)
  })
}
