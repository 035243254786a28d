import { type DeadLetter, deadLettersCountMax } from '../events/dead-letters.ts'
import { type Lag, lagCountMax } from '../events/outbox.ts'

const nameWidth = 6
const lineLengthMax = 200

export function describeLag(service: string, lag: Lag, deadLetters: number): string {
  const waiting =
    lag.unpublished === 0
      ? 'no events wait'
      : `${counted(lag.unpublished, lagCountMax, 'event')} not published, the oldest for ${time(lag.oldestMs)}`
  const dead =
    deadLetters === 0 ? 'no dead letters' : counted(deadLetters, deadLettersCountMax, 'dead letter')
  return `${service.padEnd(nameWidth)} ${waiting}, ${dead}`
}

/** Shows only the field names of the payload, which may be private. */
export function describeLetter({ event, error, attempts, died_at }: DeadLetter): string {
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  return [
    `  ${event.id}  ${event.type}  key ${event.key}`,
    `    died ${died_at} after ${tries}: ${firstLine(error)}`,
    `    payload: ${Object.keys(Object(event.payload)).join(', ')}`,
  ].join('\n')
}

/** Joins the lines of a message: validation errors are JSON on many lines. */
export function firstLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > lineLengthMax ? `${line.slice(0, lineLengthMax)}…` : line
}

function counted(count: number, countMax: number, noun: string): string {
  const many = count >= countMax ? `${count} or more` : String(count)
  return `${many} ${noun}${count === 1 ? '' : 's'}`
}

function time(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}
