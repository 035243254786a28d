import { createHash } from 'node:crypto'
import { BusyError, type Limiter } from '@ego/kit/async/limiter'
import type { Blobs, StoredBlob } from '@ego/kit/blobs/blobs'
import { Problem } from '@ego/kit/http/problem'
import { type Avatar, type AvatarSize, avatarKey, findAvatar } from '../profile/avatar.ts'
import { forgetting, type ProfileCache } from '../profile/cache.ts'
import { isVisible } from '../profile/profile.ts'
import { profileNotFound, userNotFound } from '../profile/use-cases.ts'
import { type Images, pixelsMax, type Squares } from './images.ts'
import { type AvatarObjects, writeObjects } from './objects.ts'
import type { AvatarStore } from './store.ts'

type Deps = {
  avatars: AvatarStore
  blobs: Blobs
  cache: ProfileCache
  images: Images
  limiter: Limiter
  objects: AvatarObjects
}

/** Limiter as a whole: decoding takes memory, and writing holds two connections to the database. */
export function setAvatar({ avatars, blobs, cache, images, limiter, objects }: Deps) {
  return async (userId: number, upload: Uint8Array, requestId: string): Promise<Avatar> => {
    const { avatar, replaced } = await limiter(async () => {
      const squares = accepted(await images.toSquares(upload))
      const avatar = { userId, avatarHash: hashOf(squares) }
      const write = () => writeObjects(blobs, avatar, squares)
      const replace = () => avatars.replace(avatar, write, requestId)
      return { avatar, replaced: await forgetting(cache, [userId], replace) }
    })
    if (replaced.outcome === 'no_profile') {
      await objects.removeAll(userId)
      throw profileNotFound()
    }
    if (replaced.before) await objects.remove(replaced.before)
    return avatar
  }
}

export function removeAvatar({
  avatars,
  cache,
  objects,
}: Pick<Deps, 'avatars' | 'cache' | 'objects'>) {
  return async (userId: number, requestId: string): Promise<void> => {
    const dropped = await forgetting(cache, [userId], () => avatars.drop(userId, requestId))
    if (dropped) await objects.remove(dropped)
  }
}

export type AvatarImage = { avatar: Avatar; blob: StoredBlob | null }

export function readAvatar({ blobs, cache }: { blobs: Pick<Blobs, 'get'>; cache: ProfileCache }) {
  /** Opens the image only for those who want this avatar; the others get no `blob`. */
  return async (
    userId: number,
    size: AvatarSize,
    isWanted: (avatar: Avatar) => boolean,
  ): Promise<AvatarImage> => {
    const find = async () => {
      const avatar = await findCurrent(userId)
      if (!avatar || !isWanted(avatar)) return avatar && { avatar, blob: null }
      const blob = await blobs.get(avatarKey(avatar, size))
      return blob && { avatar, blob }
    }
    // It may be replaced between the look at the profile and the look at its object; the second time is a new avatar.
    const image = (await find()) ?? (await find())
    if (image) return image
    throw new Problem(404, 'avatar_not_found', 'This user has no avatar.')
  }

  async function findCurrent(userId: number): Promise<Avatar | null> {
    const profile = await cache.find(userId)
    if (!profile || !isVisible(profile)) throw userNotFound()
    return findAvatar(profile)
  }
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

function accepted(squares: Awaited<ReturnType<Images['toSquares']>>): Squares {
  if (squares === 'too_many_pixels') {
    const text = `An avatar may have up to ${pixelsMax / 1_000_000} megapixels. Send a smaller one.`
    throw new Problem(422, 'image_too_large', text)
  }
  if (squares === 'not_an_image') throw unsupported()
  if (squares === 'no_room')
    throw new BusyError('There is no room to decode this image at the moment.')
  return squares
}

function unsupported(): Problem {
  const text = 'Send an image that is whole: jpeg, png, webp, gif or avif.'
  return new Problem(415, 'unsupported_media_type', text)
}
