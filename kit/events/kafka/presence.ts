import type { Log } from '../../process/log.ts'

/** Logs one line when the first part loses Kafka, and one when all parts have it back. */
export type Presence = { lost(part: object, error: unknown): void; back(part: object): void }

export function createPresence(log: Pick<Log, 'info' | 'warn'>): Presence {
  const away = new Set<object>()
  return {
    lost(part, error) {
      if (away.size === 0) log.warn({ err: error }, 'Kafka is unavailable; events wait.')
      away.add(part)
    },
    back(part) {
      if (away.delete(part) && away.size === 0) log.info('Kafka is available again.')
    },
  }
}
