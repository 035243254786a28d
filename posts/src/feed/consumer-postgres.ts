import { on } from '@ego/kit/events/inbox'
import { z } from 'zod'
import { lockLiving } from '../author/lock-postgres.ts'

const pair = z.object({ follower_id: z.int(), followed_id: z.int() })

/** Keeps who follows whom beside the posts: a feed asks nobody else. Events of one follower arrive in their order. */
export const followEvents = [
  on('user.followed.v1', pair, async (tx, { payload }) => {
    // What arrives late about an erased account must not bring it back.
    if (!(await lockLiving(tx, [payload.follower_id, payload.followed_id]))) return
    await tx`
      insert into follow (follower_id, followed_id)
      values (${payload.follower_id}, ${payload.followed_id})
      on conflict do nothing`
  }),
  on('user.unfollowed.v1', pair, async (tx, { payload }) => {
    await tx`
      delete from follow
      where follower_id = ${payload.follower_id} and followed_id = ${payload.followed_id}`
  }),
]
