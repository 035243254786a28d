import { defineEvent } from '@ego/kit/events/event'
import { z } from 'zod'

const pair = z.strictObject({ follower_id: z.int(), followed_id: z.int() })

export const userFollowed = defineEvent(
  'user.followed.v1',
  pair,
  'Keyed by the follower, so that following and unfollowing one person arrive in their order.',
)
export const userUnfollowed = defineEvent(
  'user.unfollowed.v1',
  pair,
  'Keyed by the follower. Not told when an account is erased: `user.deleted` ends its follows on both sides.',
)
