import type { Handler } from '@ego/kit/events/inbox'
import { mailEvents } from '../message/consumer-postgres.ts'

/** The worker of the running service finds what is queued here. */
export async function wireEvents(): Promise<readonly Handler[]> {
  return mailEvents(Date.now)
}
