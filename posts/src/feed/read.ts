import { type App, requireMember } from '@ego/kit/http/app'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { pageQuery } from '@ego/kit/http/page'
import { createRoute, z } from '@hono/zod-openapi'
import { postPageSchema, postView } from '../post/view.ts'
import type { readFeed } from './use-cases.ts'

const read = createRoute({
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

type Deps = { readFeed: ReturnType<typeof readFeed> }

export function mountFeed(app: App, { readFeed }: Deps): void {
  app.openapi(read, async (c) => {
    const { userId } = requireMember(c)
    const { items, nextCursor } = await readFeed({ userId, ...c.req.valid('query') })
    return c.json({ items: items.map(postView), next_cursor: nextCursor }, 200)
  })
}
