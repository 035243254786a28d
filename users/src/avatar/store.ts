import type { Avatar } from '../profile/avatar.ts'

export type Replaced = { before: Avatar | null } | 'no_profile'

/** `createdAt` is as exact as the store has it. */
export type UnusedAvatar = Avatar & { createdAt: string }

/**
 * Which set of objects belongs to which avatar. A set is inserted before its first object is written and deleted after its
 * last object is, so every object has a row. A change of the objects of a user holds that user's lock.
 */
export type AvatarStore = {
  /**
   * Inserts the set, calls `write` for its objects, then makes it the current one, with `profile.updated`. `write` has
   * nothing under way any more when it rejects.
   */
  replace(avatar: Avatar, write: () => Promise<void>, requestId: string | null): Promise<Replaced>

  /** The user has no avatar afterwards; answers the set that was current. */
  clear(userId: number, requestId: string | null): Promise<Avatar | null>

  /**
   * Calls `deleteObjects`, then deletes the set. Does nothing when the set is current, gone or being written at this
   * moment.
   */
  deleteUnused(avatar: Avatar, deleteObjects: () => Promise<void>): Promise<void>

  /** The same for all sets of a user that are not current; waits for those that are being written. */
  deleteAllUnused(
    userId: number,
    deleteObjects: (avatars: readonly Avatar[]) => Promise<void>,
  ): Promise<void>

  /** Sets that are not current, after the given one, the oldest first; those that are being written are among them. */
  listUnused(limit: number, after?: UnusedAvatar): Promise<UnusedAvatar[]>

  /** Those of the sets that the store does not know. */
  listUnknown(avatars: readonly Avatar[]): Promise<Avatar[]>

  /** Calls `deleteObjects` for a set that is unknown and not being written at this moment. */
  deleteUnknown(avatar: Avatar, deleteObjects: () => Promise<void>): Promise<void>
}
