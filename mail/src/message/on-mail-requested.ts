import { mailRequested } from '@ego/contracts/events/mail'
import { type Handler, on } from '@ego/kit/events/inbox'
import type { Tx } from '@ego/kit/postgres/postgres'
import type { MessageStore } from './store.ts'

type Deps = {
  messagesOf: (tx: Tx) => Pick<MessageStore, 'add'>
  wakeWorker: () => void
  now: () => number
}

/** Only writes down what to send: the queue can wait longer than the bus. */
export function onMailRequested({ messagesOf, wakeWorker, now }: Deps): Handler {
  return on(mailRequested, ['template', 'sealed'], async (tx, { id, request_id, payload }) => {
    await messagesOf(tx).add({ id, requestId: request_id, ...payload }, now())
    return async () => wakeWorker()
  })
}
