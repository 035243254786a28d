import { createHash } from 'node:crypto'
import { BusyError, type Limiter } from '@ego/kit/async/limiter'
import type { Blobs } from '@ego/kit/blobs/blobs'
import { requireMember } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { jsonAnswer, memberOnly, problems } from '@ego/kit/http/openapi'
import { Problem } from '@ego/kit/http/problem'
import { createRoute } from '@hono/zod-openapi'
import { type Avatar, avatarSchema, avatarView } from '../profile/avatar.ts'
import type { ProfileCache } from '../profile/cache.ts'
import { profileNotFound } from '../profile/profile.ts'
import { type Images, pixelsMax, type Squares } from './images.ts'
import { type AvatarObjects, writeObjects } from './objects.ts'
import type { AvatarStore } from './store.ts'
import { readUpload } from './upload.ts'

export const avatarPath = '/users/me/avatar'

const binary = { type: 'string', format: 'binary' } as const

const putAvatar = createRoute({
  method: 'put',
  path: avatarPath,
  tags: ['avatar'],
  summary: 'Set your avatar',
  description:
    'The bytes of a jpeg, png, webp, gif or avif image, alone or as the form field `avatar`; up to 5 MB and 50 megapixels. ' +
    'What it is, is seen by its content, whatever Content-Type or file name say of it (but a body that is called JSON must ' +
    'be text); metadata is not kept.',
  security: memberOnly,
  // Not as `request`, whose types of content would be insisted on: curl says of a file that it is a form.
  requestBody: {
    required: true,
    content: {
      'image/*': { schema: binary },
      'multipart/form-data': { schema: { type: 'object', properties: { avatar: binary } } },
    },
  },
  responses: {
    200: jsonAnswer('The avatar', avatarSchema),
    ...problems({
      400: '`malformed_body`',
      401: '`not_signed_in`, `token_invalid`',
      404: '`profile_not_found`',
      413: '`body_too_large`',
      415: '`unsupported_media_type`',
      422: '`image_too_large`, `validation_failed`',
      503: '`busy`, `unavailable`',
    }),
  },
})

type Deps = {
  avatars: Pick<AvatarStore, 'replace'>
  blobs: Pick<Blobs, 'put'>
  cache: Pick<ProfileCache, 'invalidateAfter'>
  images: Images
  /** Decoding takes memory, and writing holds two connections to the database. */
  limiter: Limiter
  objects: AvatarObjects
}

export function mountPutAvatar(app: App, deps: Deps): void {
  const { avatars, blobs, cache, images, limiter, objects } = deps
  // Only documented as it is: what reads bodies by their Content-Type would take the bytes of an image for a form.
  app.openAPIRegistry.registerPath(putAvatar)

  app.put(avatarPath, async (c) => {
    const { userId } = requireMember(c)
    const upload = await readUpload(c)
    const { avatar, replaced } = await limiter(async () => {
      const squares = accepted(await images.toSquares(upload))
      const avatar: Avatar = { userId, avatarHash: hashOf(squares) }
      const write = () => writeObjects(blobs, avatar, squares)
      const replace = () => avatars.replace(avatar, write, c.get('requestId'))
      return { avatar, replaced: await cache.invalidateAfter([userId], replace) }
    })
    if (replaced === 'no_profile') {
      await objects.deleteAll(userId)
      throw profileNotFound()
    }
    if (replaced.before) await objects.delete(replaced.before)
    return c.json(avatarView(avatar), 200)
  })
}

function accepted(squares: Awaited<ReturnType<Images['toSquares']>>): Squares {
  if (squares === 'too_many_pixels') {
    const text = `An avatar may have up to ${pixelsMax / 1_000_000} megapixels. Send a smaller one.`
    throw new Problem(422, 'image_too_large', text)
  }
  if (squares === 'not_an_image') {
    const text = 'Send an image that is whole: jpeg, png, webp, gif or avif.'
    throw new Problem(415, 'unsupported_media_type', text)
  }
  if (squares === 'no_room') {
    throw new BusyError('There is no room to decode this image at the moment.')
  }
  return squares
}

/**
 * Of what is served, not of the upload: another version of the encoder makes other bytes of the same upload, and they must
 * not be behind the same URL. Long enough that no two images ever share one; short enough for a URL.
 */
function hashOf(squares: Squares): string {
  const hash = createHash('sha256')
  for (const { size, webp } of squares) hash.update(`${size}:${webp.byteLength}:`).update(webp)
  return hash.digest('base64url').slice(0, 22)
}
