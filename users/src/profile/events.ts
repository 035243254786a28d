import { defineEvent } from '@ego/kit/event'
import { z } from 'zod'

const somebody = { user_id: z.int() }
const names = { first_name: z.string(), last_name: z.string() }
const card = { ...somebody, ...names, avatar_url: z.string().nullable() }

export const profileCompleted = defineEvent(
  'profile.completed.v1',
  z.strictObject({ ...somebody, ...names }),
)
/** Whatever of the card has changed, the avatar too. */
export const profileUpdated = defineEvent('profile.updated.v1', z.strictObject(card))
export const profileHidden = defineEvent('profile.hidden.v1', z.strictObject(somebody))
/** The card may have changed while it was hidden. */
export const profileRestored = defineEvent('profile.restored.v1', z.strictObject(card))
