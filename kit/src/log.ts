import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** JSON lines on standard output. Requests are logged by path only: query values may be secrets. */
export function createLog(
  service: string,
  level: (typeof logLevels)[number],
  destination?: DestinationStream,
): Log {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return destination ? pino(options, destination) : pino(options)
}
