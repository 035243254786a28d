import { z } from 'zod'
import { defineEvent } from './definition.ts'

const pair = { follower_id: z.int(), followed_id: z.int() }

export const userFollowed = defineEvent({
  type: 'user.followed.v1',
  producer: 'users',
  consumers: ['posts'],
  description:
    'Keyed by the follower, so that following and unfollowing one person arrive in their order.',
  payload: pair,
})

export const userUnfollowed = defineEvent({
  type: 'user.unfollowed.v1',
  producer: 'users',
  consumers: ['posts'],
  description:
    'Keyed by the follower. Not told when an account is erased: `user.deleted` ends its follows on both sides.',
  payload: pair,
})
