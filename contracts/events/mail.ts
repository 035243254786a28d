import { z } from 'zod'
import { defineEvent } from './definition.ts'

const sealedLengthMax = 16_384

export const mailRequested = defineEvent({
  type: 'mail.requested.v1',
  producer: 'auth',
  consumers: ['mail'],
  description:
    'Asks the mail worker for a mail; what is private is sealed for it. A template that the worker does not know yet waits there until it does.',
  payload: {
    template: z.string().regex(/^[a-z_]{1,64}$/),
    sealed: z.string().max(sealedLengthMax),
  },
})

export const passwordForgotten = defineEvent({
  type: 'password.forgotten.v1',
  producer: 'auth',
  consumers: ['auth'],
  description:
    'A reset was asked for. Auth looks up later whether the address is known, so that the answer to the request cannot tell.',
  payload: { sealed: z.string() },
})
