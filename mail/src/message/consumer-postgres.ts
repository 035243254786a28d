import { mailRequested } from '@ego/contracts/events/mail'
import { type Handler, on } from '@ego/kit/events/inbox'
import { queueMessage } from './store-postgres.ts'

/** Only writes down what to send; the queue has patience that a bus has not. */
export function mailEvents(now: () => number): Handler[] {
  return [
    on(mailRequested, ['template', 'sealed'], (tx, { id, request_id, payload }) =>
      queueMessage(tx, { id, requestId: request_id, ...payload }, now()),
    ),
  ]
}
