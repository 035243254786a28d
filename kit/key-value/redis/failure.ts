import { unavailable } from '../../async/unavailable.ts'

/** Replies that mean that Redis cannot serve at the moment: it is starting, out of memory, or not the primary. */
const unavailableReply =
  /(?:^|: -)(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|BUSY|MISCONF|NOREPLICAS)\b/

/**
 * Turns a client error into one that is safe to log: the client's own errors carry the command with its arguments.
 */
export function redisFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TypeError) return error
  const cause = new Error(withoutArguments(error))
  // An error without a reply is about the connection: closed, too slow or never established.
  if (!isReply(error) || unavailableReply.test(error.message)) {
    return unavailable('Redis did not answer.', cause)
  }
  return new Error('Redis refused a command.', { cause })
}

export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

/** Redis repeats the arguments of a command that it does not know. */
function withoutArguments({ message }: Error): string {
  return message.split(', with args')[0] ?? ''
}

/** Failures that only an operator can fix: refused credentials, or a database that does not exist. */
export function refusalOf(error: unknown): 'credentials' | 'database' | null {
  if (!isReply(error) || unavailableReply.test(error.message)) return null
  const { name }: { name?: string } = Object(error).command ?? {}
  if (name === 'select') return 'database'
  return /^(?:WRONGPASS|NOAUTH|NOPERM|ERR.*\bAUTH\b)/.test(error.message) ? 'credentials' : null
}

/** The reason in one or two words, without an address. */
export function reasonOf(error: unknown): string {
  const refusal = refusalOf(error)
  if (refusal) return `${refusal} refused`
  if (isReply(error)) return error.message.split(' ')[0] ?? ''
  const { code }: { code?: unknown } = Object(error)
  return typeof code === 'string' ? code : 'closed'
}
