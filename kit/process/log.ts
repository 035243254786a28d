import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/**
 * Writes JSON lines to standard output. `service` is `null` in a process with several services, whose child loggers have a
 * name each.
 */
export function createLog(
  service: string | null,
  level: (typeof logLevels)[number],
  destination?: DestinationStream,
): Log {
  const options = {
    level,
    base: service === null ? {} : { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    // When Postgres refuses a row, the detail holds the whole row.
    redact: { paths: ['err.detail'], remove: true },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return destination ? pino(options, destination) : pino(options)
}
