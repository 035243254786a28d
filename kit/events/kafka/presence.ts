import type { Log } from '../../process/log.ts'

/** Says in one line when Kafka is lost, whoever of us notices, and in one when all of them are back. */
export type Presence = { lost(part: object, error: unknown): void; back(part: object): void }

export function createPresence(log: Pick<Log, 'info' | 'warn'>): Presence {
  const away = new Set<object>()
  return {
    lost(part, error) {
      if (away.size === 0) log.warn({ err: error }, 'Kafka is away: events wait.')
      away.add(part)
    },
    back(part) {
      if (away.delete(part) && away.size === 0) log.info('Kafka is back.')
    },
  }
}
