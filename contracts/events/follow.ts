import { z } from 'zod'
import { defineEvent } from './definition.ts'

const pair = { follower_id: z.int(), followed_id: z.int() }

export const userFollowed = defineEvent({
  type: 'user.followed.v1',
  producer: 'users',
  consumers: ['posts'],
  description:
    'Its key is the follower, so that following and unfollowing one person arrive in order.',
  payload: pair,
})

export const userUnfollowed = defineEvent({
  type: 'user.unfollowed.v1',
  producer: 'users',
  consumers: ['posts'],
  description:
    'Its key is the follower. Not published when an account is erased: `user.deleted` ends its follows on both sides.',
  payload: pair,
})
