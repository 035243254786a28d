import type { Surroundings } from '@ego/kit/commands/command'
import type { Handler } from '@ego/kit/events/inbox'
import { onMailRequested } from '../message/on-mail-requested.ts'
import type { MessageStore } from '../message/store.ts'
import { postgresMessages } from '../message/store-postgres.ts'

/** The worker of the running service looks by itself, once a second. */
const wakeWorker = () => {}

export async function wireEvents(): Promise<readonly Handler[]> {
  return [onMailRequested({ messagesOf: postgresMessages, wakeWorker, now: Date.now })]
}

export function wireMessages({ sql }: Pick<Surroundings<unknown>, 'sql'>): MessageStore {
  return postgresMessages(sql)
}
