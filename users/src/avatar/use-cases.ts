import { createHash } from 'node:crypto'
import type { Blobs, StoredBlob } from '@ego/kit/blobs'
import type { Bounded } from '@ego/kit/bounded'
import { Problem } from '@ego/kit/problem'
import type { ProfileCache } from '../profile/cache.ts'
import { isVisible } from '../profile/profile.ts'
import { profileNotFound, userNotFound } from '../profile/use-cases.ts'
import { type Avatar, type AvatarSize, avatarKey } from './avatar.ts'
import { type Images, pixelsMax, type Squares } from './images.ts'
import { allDone, type RemoveObjects } from './objects.ts'
import type { AvatarStore } from './store.ts'

type Deps = {
  avatars: AvatarStore
  blobs: Blobs
  cache: ProfileCache
  images: Images
  bounded: Bounded
  removeObjects: RemoveObjects
}

/** Bounded as a whole: decoding takes memory, and writing holds two connections to the database. */
export function setAvatar({ avatars, blobs, cache, images, bounded, removeObjects }: Deps) {
  return async (userId: number, upload: Uint8Array, requestId: string): Promise<Avatar> => {
    const avatar = { userId, avatarHash: hashOf(upload) }
    const replaced = await bounded(async () => {
      const squares = accepted(await images.toSquares(upload))
      return avatars.replace(avatar, () => writeObjects(blobs, avatar, squares), requestId)
    })
    if (replaced.outcome === 'no_profile') {
      await removeObjects(avatar)
      throw profileNotFound()
    }
    await cache.forget(userId)
    if (replaced.before) await removeObjects(replaced.before)
    return avatar
  }
}

export function removeAvatar({
  avatars,
  cache,
  removeObjects,
}: Pick<Deps, 'avatars' | 'cache' | 'removeObjects'>) {
  return async (userId: number, requestId: string): Promise<void> => {
    const dropped = await avatars.drop(userId, requestId)
    await cache.forget(userId)
    if (dropped) await removeObjects(dropped)
  }
}

export type AvatarImage = { avatar: Avatar; blob: StoredBlob }

export function readAvatar({ blobs, cache }: Pick<Deps, 'blobs' | 'cache'>) {
  return async (userId: number, size: AvatarSize): Promise<AvatarImage> => {
    // It may be replaced between the look at the profile and the look at its object; the second time is a new avatar.
    const image = (await find(userId, size)) ?? (await find(userId, size))
    if (image) return image
    throw new Problem(404, 'avatar_not_found', 'This user has no avatar.')
  }

  async function find(userId: number, size: AvatarSize): Promise<AvatarImage | null> {
    const profile = await cache.find(userId)
    if (!profile || !isVisible(profile)) throw userNotFound()
    const { avatarHash } = profile
    if (avatarHash === null) return null
    const avatar = { userId, avatarHash }
    const blob = await blobs.get(avatarKey(avatar, size))
    return blob && { avatar, blob }
  }
}

async function writeObjects(blobs: Blobs, avatar: Avatar, squares: Squares): Promise<void> {
  await allDone(
    squares.map(({ size, webp }) =>
      blobs.put(avatarKey(avatar, size), webp, { type: 'image/webp' }),
    ),
  )
}

/** Long enough that no two images ever share one; short enough for a URL. */
function hashOf(upload: Uint8Array): string {
  return createHash('sha256').update(upload).digest('base64url').slice(0, 22)
}

function accepted(squares: Awaited<ReturnType<Images['toSquares']>>): Squares {
  if (squares === 'too_many_pixels') {
    const text = `An avatar may have up to ${pixelsMax / 1_000_000} megapixels. Send a smaller one.`
    throw new Problem(422, 'image_too_large', text)
  }
  if (squares === 'not_an_image') throw unsupported()
  return squares
}

function unsupported(): Problem {
  const text = 'Send an image that is whole: jpeg, png, webp, gif or avif.'
  return new Problem(415, 'unsupported_media_type', text)
}
