import { z } from 'zod'
import { defineEvent } from './definition.ts'

const profile = { user_id: z.int() }
const namedProfile = { ...profile, first_name: z.string(), last_name: z.string() }
const card = { ...namedProfile, avatar_url: z.string().nullable() }

export const profileCompleted = defineEvent({
  type: 'profile.completed.v1',
  producer: 'users',
  consumers: ['posts'],
  description:
    'The first event of a profile, without an avatar. The username comes only with the `user` events of auth.',
  payload: namedProfile,
})

export const profileUpdated = defineEvent({
  type: 'profile.updated.v1',
  producer: 'users',
  consumers: ['posts'],
  description:
    'Published at any change of the profile or its avatar, with the whole card, also while the profile is hidden or disabled.',
  payload: card,
})

export const profileHidden = defineEvent({
  type: 'profile.hidden.v1',
  producer: 'users',
  consumers: ['posts'],
  description:
    'Its owner has hidden it. This is independent of `user.disabled`, with which staff disables an account.',
  payload: profile,
})

export const profileRestored = defineEvent({
  type: 'profile.restored.v1',
  producer: 'users',
  consumers: ['posts'],
  description: 'Its owner has restored it, with the whole card. The account may still be disabled.',
  payload: card,
})
