import { type App, requireMember } from '@ego/kit/app'
import { bodyProblems, jsonAnswer, jsonBody, memberOnly, problems } from '@ego/kit/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { textContent } from './post.ts'
import type { createPost } from './use-cases.ts'
import { postSchema, postView } from './view.ts'

const create = createRoute({
  method: 'post',
  path: '/posts',
  tags: ['post'],
  summary: 'Write a post',
  security: memberOnly,
  request: { body: jsonBody(z.strictObject({ text_content: textContent }).openapi('NewPost')) },
  responses: {
    201: jsonAnswer('The post', postSchema),
    ...problems({
      ...bodyProblems,
      401: '`not_signed_in`, `token_invalid`',
      503: '`unavailable`',
    }),
  },
})

type Deps = { createPost: ReturnType<typeof createPost> }

export function mountPost(app: App, { createPost }: Deps): void {
  app.openapi(create, async (c) => {
    const { userId } = requireMember(c)
    const { text_content } = c.req.valid('json')
    const post = await createPost(
      { creatorId: userId, textContent: text_content },
      c.get('requestId'),
    )
    return c.json(postView(post), 201, { location: `/posts/${post.postId}` })
  })
}
