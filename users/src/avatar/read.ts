import type { Blobs, StoredBlob } from '@ego/kit/blobs/blobs'
import type { App } from '@ego/kit/http/context'
import { namesEtag, takesIfNoneMatch } from '@ego/kit/http/etag'
import { problems } from '@ego/kit/http/openapi'
import { Problem } from '@ego/kit/http/problem'
import { createRoute, z } from '@hono/zod-openapi'
import { type Avatar, type AvatarSize, avatarSizes, findAvatar } from '../profile/avatar.ts'
import type { ProfileCache } from '../profile/cache.ts'
import { readVisible, userIdParams } from '../profile/profile.ts'
import { notModified } from '../profile/view.ts'
import { avatarKey, avatarType } from './objects.ts'

const sizeDefault: AvatarSize = 256

const sizeText = z.enum(avatarSizes.map(String) as [string, ...string[]], {
  error: `Use one of ${avatarSizes.join(', ')}.`,
})

const readAvatar = createRoute({
  method: 'get',
  path: '/users/{user_id}/avatar',
  tags: ['avatar'],
  summary: 'Read an avatar',
  ...takesIfNoneMatch,
  request: {
    params: userIdParams,
    query: z.object({
      size: sizeText.default(String(sizeDefault)),
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
    ...notModified,
    ...problems({
      404: '`user_not_found`, `avatar_not_found`',
      422: '`validation_failed`',
      503: '`unavailable`',
    }),
  },
})

const keptForEver = 'public, max-age=31536000, immutable'
const revalidated = 'public, no-cache'

type Deps = { cache: Pick<ProfileCache, 'find'>; blobs: Pick<Blobs, 'get'> }

export function mountReadAvatar(app: App, deps: Deps): void {
  app.openapi(readAvatar, async (c) => {
    const { size: text, v } = c.req.valid('query')
    const size = avatarSizes.find((known) => String(known) === text) ?? sizeDefault
    const etagOf = ({ avatarHash }: Avatar) => `"${avatarHash}-${size}"`
    const hasIt = (avatar: Avatar) => namesEtag(c.req.header('if-none-match'), etagOf(avatar))
    const isWanted = (avatar: Avatar) => c.req.method !== 'HEAD' && !hasIt(avatar)
    const { avatar, blob } = await open(deps, { ...c.req.valid('param'), size, isWanted })
    const headers = {
      etag: etagOf(avatar),
      'cache-control': v === avatar.avatarHash ? keptForEver : revalidated,
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

type Wanted = { user_id: number; size: AvatarSize; isWanted(avatar: Avatar): boolean }
type Image = { avatar: Avatar; blob: StoredBlob | null }

/** Opens the object only where its bytes are wanted: in a bucket that is a request of its own. */
async function open({ cache, blobs }: Deps, { user_id, size, isWanted }: Wanted): Promise<Image> {
  const find = async (): Promise<Image | null> => {
    const avatar = findAvatar(await readVisible(cache, user_id))
    if (!avatar || !isWanted(avatar)) return avatar && { avatar, blob: null }
    const blob = await blobs.get(avatarKey(avatar, size))
    return blob && { avatar, blob }
  }
  // The avatar may be replaced between the look at the profile and the look at its object; the second time is the new one.
  const image = (await find()) ?? (await find())
  if (image) return image
  throw new Problem(404, 'avatar_not_found', 'This user has no avatar.')
}
