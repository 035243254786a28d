import { z } from 'zod'
import { defineEvent } from './definition.ts'

const sealedLengthMax = 16_384

export const mailRequested = defineEvent({
  type: 'mail.requested.v1',
  producer: 'auth',
  consumers: ['mail'],
  description:
    'Asks the mail worker to send a mail; private data is sealed for it. A mail with a template that the worker does not know yet waits there.',
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
    'A password reset was requested. Auth looks the address up later, so that its response does not reveal whether it is known.',
  payload: { sealed: z.string() },
})
