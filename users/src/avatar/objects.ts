import type { Blobs } from '@ego/kit/blobs'
import type { Log } from '@ego/kit/log'
import { type Avatar, avatarKey, avatarSizes } from './avatar.ts'
import type { AvatarStore } from './store.ts'

/** Removes what is nobody's avatar any more. What cannot be removed now is left to the sweep, so it never fails. */
export type RemoveObjects = (avatar: Avatar) => Promise<void>

type Deps = { avatars: AvatarStore; blobs: Blobs; log: Pick<Log, 'warn'> }

export function removeObjects({ avatars, blobs, log }: Deps): RemoveObjects {
  return async (avatar) => {
    try {
      await avatars.forget(avatar, () => eraseObjects(blobs, avatar))
    } catch (error) {
      log.warn({ err: error, user_id: avatar.userId }, 'an old avatar is still there; it is swept')
    }
  }
}

const sweepBatch = 100

/** Removes what earlier ones have left: a process that was killed, a blob store that was away. Answers how many. */
export function sweepAvatars({ avatars, blobs, log }: Deps) {
  const remove = removeObjects({ avatars, blobs, log })
  return async (): Promise<number> => {
    const left = await avatars.listLeft(sweepBatch)
    for (const avatar of left) await remove(avatar)
    return left.length
  }
}

/** All at once or again: deleting what is absent is fine. */
async function eraseObjects(blobs: Blobs, avatar: Avatar): Promise<void> {
  await allDone(avatarSizes.map((size) => blobs.delete(avatarKey(avatar, size))))
}

/**
 * Fails when one has failed, but not before the last has ended: what is still on its way would change objects after the
 * lock on them is gone.
 */
export async function allDone(changes: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(changes)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
