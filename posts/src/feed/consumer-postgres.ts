import { on } from '@ego/kit/inbox'
import { z } from 'zod'

const pair = z.object({ follower_id: z.int(), followed_id: z.int() })

/** Keeps who follows whom beside the posts: a feed asks nobody else. Events of one follower arrive in their order. */
export const followEvents = [
  on('user.followed.v1', pair, async (tx, { payload }) => {
    // What arrives late about an erased account must not bring it back.
    await tx`
      insert into follow (follower_id, followed_id)
      select ${payload.follower_id}, ${payload.followed_id}
      where not exists (
        select 1
        from author
        where user_id in (${payload.follower_id}, ${payload.followed_id}) and is_deleted
      )
      on conflict do nothing`
  }),
  on('user.unfollowed.v1', pair, async (tx, { payload }) => {
    await tx`
      delete from follow
      where follower_id = ${payload.follower_id} and followed_id = ${payload.followed_id}`
  }),
]
