import { StartError } from './start-error.ts'

/** Decodes the user or the password of the URL in a variable. */
export function decodeUrlText(text: string, variable: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new StartError(`${variable}: write a % in the user or the password as %25.`, { cause })
  }
}

/** Removes all hosts but the first from a URL of Kafka: with several hosts the text is not a valid URL. */
export function withFirstHost(url: string): string {
  return url.replace(/^(kafka:\/\/(?:[^@/?#]*@)?[^@,/?#]+),[^@/?#]+/, '$1')
}
