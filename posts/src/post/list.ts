import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOrAnonymous, problems } from '@ego/kit/http/openapi'
import { pageQuery } from '@ego/kit/http/page'
import { userIdText } from '@ego/kit/http/user-id'
import { createRoute, z } from '@hono/zod-openapi'
import { pageOfPosts, postPageSchema } from './page.ts'
import type { PostStore } from './store.ts'

const listPosts = createRoute({
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

type Deps = { posts: Pick<PostStore, 'list'> }

export function mountListPosts(app: App, { posts }: Deps): void {
  app.openapi(listPosts, async (c) => {
    const { creator_id: creatorId = null, ...request } = c.req.valid('query')
    const page = await pageOfPosts(`posts ${creatorId ?? 'all'}`, request, (wanted) =>
      posts.list({ creatorId, ...wanted }),
    )
    return c.json(page, 200)
  })
}
