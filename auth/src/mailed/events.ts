import { defineEvent } from '@ego/kit/events/event'
import { z } from 'zod'

/** Asks the mail worker for a mail. Everything that is private is sealed for it. */
export const mailRequested = defineEvent(
  'mail.requested.v1',
  z.strictObject({ template: z.string(), sealed: z.string() }),
  'Asks the mail worker for a mail; what is private is sealed for it.',
)

/** Somebody asked for a reset; whether the address is known is looked up later, so that the answer cannot tell. */
export const passwordForgotten = defineEvent(
  'password.forgotten.v1',
  z.strictObject({ sealed: z.string() }),
  'Somebody asked for a reset, of an address that may be unknown; auth itself hears it.',
)
