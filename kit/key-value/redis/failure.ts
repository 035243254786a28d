import { unavailable } from '../../async/unavailable.ts'

/** Redis itself says that it cannot serve now, and may soon: it starts, has no room, or another one is the primary. */
const awayReply =
  /(?:^|: -)(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|BUSY|MISCONF|NOREPLICAS)\b/

/**
 * What callers are thrown. The client's own errors carry the command with all it was given, which belongs in no log.
 */
export function redisFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TypeError) return error
  const cause = new Error(saidBy(error))
  // Whatever is no reply is about the connection: closed, too slow, or not there at all.
  if (!isReply(error) || awayReply.test(error.message)) {
    return unavailable('Redis did not answer.', cause)
  }
  return new Error('Redis refused a command.', { cause })
}

export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

/** Redis repeats what it was given where it does not know a command. */
function saidBy({ message }: Error): string {
  return message.split(', with args')[0] ?? ''
}

/** Only a person can mend it: credentials that are not taken, or a database that is not there. */
export function refusalOf(error: unknown): 'credentials' | 'database' | null {
  if (!isReply(error) || awayReply.test(error.message)) return null
  const { name }: { name?: string } = Object(error).command ?? {}
  if (name === 'select') return 'database'
  return /^(?:WRONGPASS|NOAUTH|NOPERM|ERR.*\bAUTH\b)/.test(error.message) ? 'credentials' : null
}

/** In one word, without an address. */
export function reasonOf(error: unknown): string {
  const refusal = refusalOf(error)
  if (refusal) return `${refusal} refused`
  if (isReply(error)) return error.message.split(' ')[0] ?? ''
  const { code }: { code?: unknown } = Object(error)
  return typeof code === 'string' ? code : 'closed'
}
