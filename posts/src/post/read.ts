import type { App } from '@ego/kit/http/context'
import { tagged, taggedAnswer, takesIfNoneMatch } from '@ego/kit/http/etag'
import { memberOrAnonymous, problems } from '@ego/kit/http/openapi'
import { createRoute } from '@hono/zod-openapi'
import { postIdParams, postNotFound } from './post.ts'
import type { PostStore } from './store.ts'
import { etagHeader, postAnswer, postEtag, postView } from './view.ts'

const readPost = createRoute({
  method: 'get',
  path: '/posts/{post_id}',
  tags: ['post'],
  summary: 'Read a post',
  security: memberOrAnonymous,
  ...takesIfNoneMatch,
  request: { params: postIdParams },
  responses: {
    200: postAnswer,
    304: { description: 'You have just this: the ETag is the same.', headers: etagHeader },
    ...problems({
      401: '`token_invalid`',
      404: '`post_not_found`',
      422: '`validation_failed`',
      503: '`unavailable`',
    }),
  },
})

type Deps = { posts: Pick<PostStore, 'find'> }

export function mountReadPost(app: App, { posts }: Deps): void {
  app.openapi(readPost, async (c) => {
    const post = await posts.find(c.req.valid('param').post_id)
    if (!post) throw postNotFound()
    return taggedAnswer(c, tagged(postView(post), postEtag(post)))
  })
}
