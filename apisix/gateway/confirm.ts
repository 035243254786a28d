import type { Exchange, Reply } from './exchange.ts'

const freshMs = 1000

/**
 * Asks again about a request whose body took its time: what is held open must not outlive the session that it was begun
 * with. Most bodies come with their request, and are not asked about twice.
 */
export function confirm(exchange: Exchange): undefined | Promise<Reply | undefined> {
  const { confirmation } = exchange
  if (confirmation === null || performance.now() - confirmation.at < freshMs) return undefined
  return confirmation.again()
}
