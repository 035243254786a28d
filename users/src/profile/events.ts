import { defineEvent } from '@ego/kit/events/event'
import { z } from 'zod'

const somebody = { user_id: z.int() }
const names = { first_name: z.string(), last_name: z.string() }
const card = { ...somebody, ...names, avatar_url: z.string().nullable() }

export const profileCompleted = defineEvent(
  'profile.completed.v1',
  z.strictObject({ ...somebody, ...names }),
  'The first event of a profile, without an avatar. The username comes only with the `user` events of auth.',
)
export const profileUpdated = defineEvent(
  'profile.updated.v1',
  z.strictObject(card),
  'Told at any change of the profile or its avatar, with the whole card, and also while the profile is hidden or disabled.',
)
export const profileHidden = defineEvent(
  'profile.hidden.v1',
  z.strictObject(somebody),
  'Its owner has hidden it. Staff disabling the account is `user.disabled`, and the two are independent.',
)
export const profileRestored = defineEvent(
  'profile.restored.v1',
  z.strictObject(card),
  'Its owner has brought it back, with the whole card. The account may be disabled still.',
)
