import type { App } from '@ego/kit/http/context'
import { bodyProblems, jsonBody, memberOnly, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import { changeOf, changeRefusals, changeRefused, ifMatchHeader } from './change.ts'
import { postContentSchema, postIdParams, toContent } from './post.ts'
import type { PostStore } from './store.ts'
import { postAnswer, postEtag, postView } from './view.ts'

const editPost = createRoute({
  method: 'patch',
  path: '/posts/{post_id}',
  tags: ['post'],
  summary: 'Edit your post',
  security: memberOnly,
  request: { params: postIdParams, body: jsonBody(postContentSchema), headers: ifMatchHeader },
  responses: { 200: postAnswer, ...problems({ ...bodyProblems, ...changeRefusals }) },
})

type Deps = { posts: Pick<PostStore, 'edit'>; wakeIndex: () => void }

export function mountEditPost(app: App, { posts, wakeIndex }: Deps): void {
  app.openapi(editPost, async (c) => {
    const change = changeOf(c, c.req.valid('param'))
    const content = toContent(c.req.valid('json'))
    const edited = await posts.edit(change, content, c.get('requestId'))
    if (typeof edited === 'string') throw changeRefused(edited)
    wakeIndex()
    return c.json(postView(edited), 200, { etag: postEtag(edited) })
  })
}
