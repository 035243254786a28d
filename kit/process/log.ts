import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** JSON lines on standard output; without a name for a process of several services, whose children have one each. Requests are logged by path only: query values may be secrets. */
export function createLog(
  service: string | null,
  level: (typeof logLevels)[number],
  destination?: DestinationStream,
): Log {
  const options = {
    level,
    base: service === null ? {} : { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    // Where Postgres refuses a row, it says the whole of it.
    redact: { paths: ['err.detail'], remove: true },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return destination ? pino(options, destination) : pino(options)
}
