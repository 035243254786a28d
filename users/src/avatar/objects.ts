import type { Blobs } from '@ego/kit/blobs/blobs'
import type { Log } from '@ego/kit/process/log'
import { type Avatar, avatarKey, avatarSizes, avatarType } from '../profile/avatar.ts'
import { allDone } from './all-done.ts'
import type { Squares } from './images.ts'
import type { AvatarStore } from './store.ts'

type Deps = {
  avatars: Pick<AvatarStore, 'eraseLeft' | 'eraseAllLeft'>
  blobs: Blobs
  log: Pick<Log, 'warn'>
}

/** Removes what is nobody's avatar any more. What cannot be removed now is left to the sweep, so nothing here fails. */
export type AvatarObjects = {
  remove(avatar: Avatar): Promise<void>
  /** For a person who is gone: also what others have left because it was being written. */
  removeAll(userId: number): Promise<void>
}

export function avatarObjects({ avatars, blobs, log }: Deps): AvatarObjects {
  const erase = (avatar: Avatar) => eraseObjects(blobs, avatar)

  async function orSwept(userId: number, removing: Promise<void>): Promise<void> {
    try {
      await removing
    } catch (error) {
      log.warn({ err: error, user_id: userId }, 'an old avatar is still there; it is swept')
    }
  }

  return {
    remove: (avatar) =>
      orSwept(
        avatar.userId,
        avatars.eraseLeft(avatar, () => erase(avatar)),
      ),
    removeAll: (userId) => orSwept(userId, avatars.eraseAllLeft(userId, erase)),
  }
}

export async function writeObjects(blobs: Blobs, avatar: Avatar, squares: Squares): Promise<void> {
  await allDone(
    squares.map(({ size, webp }) => blobs.put(avatarKey(avatar, size), webp, { type: avatarType })),
  )
}

/** All at once or again: deleting what is absent is fine. */
async function eraseObjects(blobs: Blobs, avatar: Avatar): Promise<void> {
  await allDone(avatarSizes.map((size) => blobs.delete(avatarKey(avatar, size))))
}
