import { StartError } from '@ego/kit/process/start-error'

/** The number that was given for an option, or a sentence about it. */
export function positive(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new StartError(`${option} is ${text}: give a whole number from 1 to 999999999.`)
}
