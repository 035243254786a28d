import type { Avatar } from '../profile/avatar.ts'

export type Replaced = { outcome: 'replaced'; before: Avatar | null } | { outcome: 'no_profile' }

/** `notedAt` is as exact as the store has it. */
export type LeftAvatar = Avatar & { notedAt: string }

/**
 * Which set of objects is whose avatar. A set is noted before its first object is written and forgotten after the last one
 * is deleted, so none is ever out of sight; whoever changes the objects of a person holds the lock of that person.
 */
export type AvatarStore = {
  /**
   * Notes the set, calls `write` for its objects, then makes it the current one, with `profile.updated`. `write` has
   * nothing under way any more when it rejects.
   */
  replace(avatar: Avatar, write: () => Promise<void>, requestId: string | null): Promise<Replaced>

  /** Answers the set that is nobody's avatar any more. */
  drop(userId: number, requestId: string | null): Promise<Avatar | null>

  /**
   * Calls `erase` for the objects of a set that is nobody's, then forgets the set. Does nothing when it is current, gone or
   * being written at this moment.
   */
  eraseLeft(avatar: Avatar, erase: () => Promise<void>): Promise<void>

  /** The same for all such sets of a person; waits for what is being written. */
  eraseAllLeft(userId: number, erase: (avatar: Avatar) => Promise<void>): Promise<void>

  /** Sets that are nobody's after the given one, the oldest first; those that are being written are among them. */
  listLeft(limit: number, after?: LeftAvatar): Promise<LeftAvatar[]>

  /** Those of the sets that were never noted, or are forgotten. */
  listUnknown(avatars: readonly Avatar[]): Promise<Avatar[]>

  /** Calls `erase` for objects of a set that is unknown and not being written at this moment. */
  eraseUnknown(avatar: Avatar, erase: () => Promise<void>): Promise<void>
}
