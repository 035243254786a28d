import type { Card } from '../profile/card.ts'
import type { Relation } from '../profile/profile.ts'

export type FollowOutcome = 'followed' | 'unchanged' | 'no_profile' | 'not_found'

/** A person in a list; `position` is where the list goes on. `isMutual` is `null` for an anonymous viewer. */
export type Listed = { card: Card; position: number; isMutual: boolean | null }

export type FollowList = {
  userId: number
  side: 'followers' | 'following'
  /** Whether the viewer and the listed person follow each other. */
  viewerId: number | null
  /** Only what is older than this position. */
  before: number | null
  limit: number
}

export type FollowStore = {
  /** Writes the row, both counters and `user.followed` together; hidden people are not found. */
  follow(followerId: number, followedId: number, requestId: string | null): Promise<FollowOutcome>
  /** Whether there was something to end. Works for hidden people too. */
  unfollow(followerId: number, followedId: number, requestId: string | null): Promise<boolean>
  readRelation(viewerId: number, userId: number): Promise<Relation>
  /**
   * Newest first, without hidden people. Of very many hidden ones only some are looked at: `scannedTo` says from which
   * position to go on then, and is `null` where the limit or the end of the list was reached.
   */
  list(wanted: FollowList): Promise<{ found: Listed[]; scannedTo: number | null }>
}
