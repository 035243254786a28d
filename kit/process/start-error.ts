/** A start that failed for a reason the operator can fix; the message says how. */
export class StartError extends Error {
  override name = 'StartError'
}

/** What to print when a start fails: a sentence for a known reason, otherwise the stack trace. */
export function describeStart(error: unknown): string {
  if (error instanceof StartError) return error.message
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : ''
  const port = 'port' in error ? error.port : ''
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken: stop the program that listens there, or choose another with --port.`
  }
  if (code === 'EACCES' && 'syscall' in error && error.syscall === 'listen') {
    return `This user may not listen on port ${port}: choose one above 1023 with --port.`
  }
  if (code === 'ECONNREFUSED') {
    return `Nothing answers at ${addressOf(error)}: start the server, or correct the URL that names it.`
  }
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(code))) {
    return 'The address to listen on is not one of this machine: set EGO_HOST or HOST to one that is.'
  }
  return error.stack ?? error.message
}

/** A host name with two addresses fails with an error for each. */
function addressOf(error: Error): string {
  const one = error instanceof AggregateError ? error.errors[0] : error
  const { address = '', port } = Object(one)
  return port === undefined ? address : `${address}:${port}`
}
