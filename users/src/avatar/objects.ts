import type { Blobs } from '@ego/kit/blobs/blobs'
import type { Log } from '@ego/kit/process/log'
import { type Avatar, type AvatarSize, avatarSizes } from '../profile/avatar.ts'
import type { Squares } from './images.ts'
import type { AvatarStore } from './store.ts'

export const avatarsPrefix = 'avatars/'
export const avatarType = 'image/webp'

export function avatarKey({ userId, avatarHash }: Avatar, size: AvatarSize): string {
  return `${avatarsPrefix}${userId}/${avatarHash}-${size}.webp`
}

/** `null` for a key that is not ours; takes any size, also one that is not made any more. */
export function parseAvatarKey(key: string): Avatar | null {
  const [, userId, avatarHash] = key.match(/^avatars\/(\d{1,15})\/([\w-]+)-\d+\.webp$/) ?? []
  return userId && avatarHash ? { userId: Number(userId), avatarHash } : null
}

/** Deletes the objects of avatars that are not current. The sweep retries what fails, so nothing here rejects. */
export type AvatarObjects = {
  delete(avatar: Avatar): Promise<void>
  /** For a user who is gone: also those that another upload is writing at this moment. */
  deleteAll(userId: number): Promise<void>
}

type Deps = {
  avatars: Pick<AvatarStore, 'deleteUnused' | 'deleteAllUnused'>
  blobs: Pick<Blobs, 'delete'>
  log: Pick<Log, 'warn'>
}

export function avatarObjects({ avatars, blobs, log }: Deps): AvatarObjects {
  async function orSwept(userId: number, deleting: Promise<void>): Promise<void> {
    try {
      await deleting
    } catch (error) {
      log.warn({ err: error, user_id: userId }, 'an old avatar is still there; it is swept')
    }
  }

  const keysOf = (avatar: Avatar) => avatarSizes.map((size) => avatarKey(avatar, size))

  return {
    delete: (avatar) => {
      const deleting = avatars.deleteUnused(avatar, () => deleteObjects(blobs, keysOf(avatar)))
      return orSwept(avatar.userId, deleting)
    },
    deleteAll: (userId) => {
      const deleting = avatars.deleteAllUnused(userId, (unused) =>
        deleteObjects(blobs, unused.flatMap(keysOf)),
      )
      return orSwept(userId, deleting)
    },
  }
}

export function writeObjects(
  blobs: Pick<Blobs, 'put'>,
  avatar: Avatar,
  squares: Squares,
): Promise<void> {
  return allSettled(
    squares.map(({ size, webp }) => blobs.put(avatarKey(avatar, size), webp, { type: avatarType })),
  )
}

export function deleteObjects(blobs: Pick<Blobs, 'delete'>, keys: readonly string[]) {
  return allSettled(keys.map((key) => blobs.delete(key)))
}

/** Rejects when one has rejected, but only after the last has ended: a later change would come after the lock is gone. */
async function allSettled(changes: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(changes)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
