import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { pageQuery } from '@ego/kit/http/page'
import { createRoute, z } from '@hono/zod-openapi'
import { pageOfPosts, postPageSchema } from '../post/page.ts'
import type { FeedStore } from './store.ts'

const readFeed = createRoute({
  method: 'get',
  path: '/posts/feed',
  tags: ['feed'],
  summary: 'Read your own posts and those of the people you follow, newest first',
  security: memberOnly,
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: jsonAnswer('A page of posts', postPageSchema),
    ...problems({
      401: '`not_signed_in`, `token_invalid`',
      422: '`validation_failed`',
      503: '`unavailable`',
    }),
  },
})

type Deps = { feed: FeedStore }

export function mountReadFeed(app: App, { feed }: Deps): void {
  app.openapi(readFeed, async (c) => {
    const { userId } = requireMember(c)
    const page = await pageOfPosts(`feed ${userId}`, c.req.valid('query'), (wanted) =>
      feed.list({ userId, ...wanted }),
    )
    return c.json(page, 200)
  })
}
