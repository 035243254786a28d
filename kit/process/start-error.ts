/** A start that cannot go on, for a reason that the person who started it can mend; the message tells how. */
export class StartError extends Error {
  override name = 'StartError'
}

/** What to print when a start fails: a sentence where there is one, else the trace that a bug needs. */
export function describeStart(error: unknown): string {
  if (error instanceof StartError) return error.message
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : ''
  const port = 'port' in error ? error.port : ''
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken: stop what listens there, or choose another with --port.`
  }
  if (code === 'EACCES' && 'syscall' in error && error.syscall === 'listen') {
    return `Port ${port} needs more rights than this user has: choose one above 1023 with --port.`
  }
  if (code === 'ECONNREFUSED') {
    return `Nothing answers at ${addressOf(error)}: start what should, or correct the URL that names it.`
  }
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(code))) {
    return 'The address to listen on is not one of this machine: set EGO_HOST or HOST to one that is.'
  }
  return error.stack ?? error.message
}

/** A name with two addresses fails with an error for each of them. */
function addressOf(error: Error): string {
  const one = error instanceof AggregateError ? error.errors[0] : error
  const { address = '', port } = Object(one)
  return port === undefined ? address : `${address}:${port}`
}
