import type { App } from '@ego/kit/http/context'
import { memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import { changeOf, changeRefusals, changeRefused, ifMatchHeader } from './change.ts'
import { postIdParams } from './post.ts'
import type { PostStore } from './store.ts'

const deletePost = createRoute({
  method: 'delete',
  path: '/posts/{post_id}',
  tags: ['post'],
  summary: 'Delete your post',
  security: memberOnly,
  request: { params: postIdParams, headers: ifMatchHeader },
  responses: { 204: { description: 'It is deleted.' }, ...problems(changeRefusals) },
})

type Deps = { posts: Pick<PostStore, 'delete'>; wakeIndex: () => void }

export function mountDeletePost(app: App, { posts, wakeIndex }: Deps): void {
  app.openapi(deletePost, async (c) => {
    const change = changeOf(c, c.req.valid('param'))
    const outcome = await posts.delete(change, c.get('requestId'))
    if (outcome !== 'deleted') throw changeRefused(outcome)
    wakeIndex()
    return c.body(null, 204)
  })
}
