import { StartError } from './start-error.ts'

/** A user or a password as it was before it was written into the URL that is the variable's value. */
export function decodeUrlText(text: string, variable: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new StartError(`${variable}: a % in the user or the password is written %25.`, { cause })
  }
}
