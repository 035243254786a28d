import { userFollowed, userUnfollowed } from '@ego/contracts/events/follow'
import { type Handler, on } from '@ego/kit/events/inbox'
import { lockAuthors } from '../author/lock-postgres.ts'

const pair = ['follower_id', 'followed_id'] as const

/** Keeps who follows whom beside the posts, where the feed needs it. The events of one follower arrive in their order. */
export const onFollow: Handler[] = [
  on(userFollowed, pair, async (tx, { payload }) => {
    // What arrives late about an erased account must not bring it back.
    if (!(await lockAuthors(tx, [payload.follower_id, payload.followed_id]))) return
    await tx`
      insert into follow (follower_id, followed_id)
      values (${payload.follower_id}, ${payload.followed_id})
      on conflict do nothing`
  }),
  on(userUnfollowed, pair, async (tx, { payload }) => {
    await tx`
      delete from follow
      where follower_id = ${payload.follower_id} and followed_id = ${payload.followed_id}`
  }),
]
