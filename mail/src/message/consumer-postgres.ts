import { type Handler, on } from '@ego/kit/events/inbox'
import { z } from 'zod'
import { queueMessage } from './store-postgres.ts'

const sealedLengthMax = 16_384

// A name that this version does not know is taken all the same: the message waits among the dead for one that does.
const requested = z.object({
  template: z.string().regex(/^[a-z_]{1,64}$/),
  sealed: z.string().max(sealedLengthMax),
})

/** Only writes down what to send; the queue has patience that a bus has not. */
export function mailEvents(now: () => number): Handler[] {
  return [
    on('mail.requested.v1', requested, (tx, { id, request_id, payload }) =>
      queueMessage(tx, { id, requestId: request_id, ...payload }, now()),
    ),
  ]
}
