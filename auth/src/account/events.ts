import { defineEvent } from '@ego/kit/event'
import { z } from 'zod'

export const userRegistered = defineEvent(
  'user.registered.v1',
  z.strictObject({ user_id: z.int(), username: z.string() }),
)
