import type { Avatar } from './avatar.ts'

export type Replaced = { outcome: 'replaced'; before: Avatar | null } | { outcome: 'no_profile' }

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
   * Calls `erase` for the objects of the set unless it is current, or being written at this moment; then forgets it.
   * `false` when it had to stay.
   */
  forget(avatar: Avatar, erase: () => Promise<void>): Promise<boolean>

  /** Sets that are nobody's, the oldest first; those that are being written are among them. */
  listLeft(limit: number): Promise<Avatar[]>
}
