import { defineEvent } from '@ego/kit/event'
import { z } from 'zod'

export const profileCompleted = defineEvent(
  'profile.completed.v1',
  z.strictObject({
    user_id: z.int(),
    first_name: z.string(),
    last_name: z.string(),
  }),
)
