import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Resolves to the server's URL once it listens; rejects with the error of listen. */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host)
  await once(server, 'listening')
  const { port: bound } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
}

const idleCheckMs = 20

/** Lets requests finish, and cuts those that take longer. */
export async function closeWithin(server: Server, timeoutMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // A client that still uses a kept connection is told that this was the last request on it.
  for (const kind of ['request', 'checkContinue']) {
    // A listener where there was none would replace what Node does by itself.
    if (server.listenerCount(kind) > 0) server.prependListener(kind, endKeepAlive)
  }
  // A kept connection becomes idle only after its last answer, so the check is repeated.
  const sweep = setInterval(() => server.closeIdleConnections(), idleCheckMs)
  const timer = setTimeout(() => server.closeAllConnections(), timeoutMs)
  await closed
  clearInterval(sweep)
  clearTimeout(timer)
}

function endKeepAlive(_: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.shouldKeepAlive = false
}
