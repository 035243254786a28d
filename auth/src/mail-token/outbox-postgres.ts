import { mailRequested } from '@ego/contracts/events/mail'
import { appendEvent } from '@ego/kit/events/outbox'
import type { Tx } from '@ego/kit/postgres/postgres'
import type { SealedLetter } from './mail.ts'

/** Asks for a mail in the transaction of what it tells about. */
export async function requestMail(
  tx: Tx,
  userId: number,
  letter: SealedLetter,
  requestId: string | null,
): Promise<void> {
  await appendEvent(tx, mailRequested, { key: String(userId), payload: letter, requestId })
}
