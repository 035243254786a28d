import type { App } from '@ego/kit/http/app'
import { namesEtag, takesIfNoneMatch } from '@ego/kit/http/etag'
import { problems } from '@ego/kit/http/openapi'
import { createRoute, z } from '@hono/zod-openapi'
import { type Avatar, avatarSizeDefault, avatarSizes, avatarType } from '../profile/avatar.ts'
import { userIdParams } from '../profile/read.ts'
import type { readAvatar } from './use-cases.ts'

const sizeText = z.enum(avatarSizes.map(String) as [string, ...string[]], {
  error: `Use one of ${avatarSizes.join(', ')}.`,
})

const read = createRoute({
  method: 'get',
  path: '/users/{user_id}/avatar',
  tags: ['avatar'],
  summary: 'Read an avatar',
  ...takesIfNoneMatch,
  request: {
    params: userIdParams,
    query: z.object({
      size: sizeText.default(String(avatarSizeDefault)),
      v: z.string().max(64).optional().openapi({
        description: 'As in the URLs of profiles; what is answered then may be kept for ever.',
      }),
    }),
  },
  responses: {
    200: {
      description: 'The image, a square',
      content: { 'image/webp': { schema: z.any().openapi({ type: 'string', format: 'binary' }) } },
    },
    304: { description: 'You have just this: the ETag is the same.' },
    ...problems({
      404: '`user_not_found`, `avatar_not_found`',
      422: '`validation_failed`',
      503: '`unavailable`',
    }),
  },
})

const forEver = 'public, max-age=31536000, immutable'
const askAgain = 'public, no-cache'

type Deps = { readAvatar: ReturnType<typeof readAvatar> }

export function mountAvatarImage(app: App, { readAvatar }: Deps): void {
  app.openapi(read, async (c) => {
    const { size: text, v } = c.req.valid('query')
    const size = avatarSizes.find((known) => String(known) === text) ?? avatarSizeDefault
    const etagOf = ({ avatarHash }: Avatar) => `"${avatarHash}-${size}"`
    const hasIt = (avatar: Avatar) => namesEtag(c.req.header('if-none-match'), etagOf(avatar))
    const { avatar, blob } = await readAvatar(
      c.req.valid('param').user_id,
      size,
      // What nobody reads is not even opened: in a bucket that is a request of its own.
      (avatar) => c.req.method !== 'HEAD' && !hasIt(avatar),
    )
    const headers = {
      etag: etagOf(avatar),
      'cache-control': v === avatar.avatarHash ? forEver : askAgain,
      // It is shown on pages of others, and never as anything but an image.
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
    }
    if (hasIt(avatar)) return new Response(null, { status: 304, headers })
    const length = blob && { 'content-length': String(blob.size) }
    return new Response(blob?.body ?? null, {
      headers: { ...headers, 'content-type': avatarType, ...length },
    })
  })
}
