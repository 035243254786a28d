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

/** A kept-alive connection becomes idle only after its last answer, so the look is repeated. */
export async function closeWithin(server: Server, timeoutMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // Who still comes over a kept connection hears that it was the last time, and does not run into its end.
  for (const kind of ['request', 'checkContinue']) {
    // A listener where there was none would take over what Node does itself.
    if (server.listenerCount(kind) > 0) server.prependListener(kind, sayLast)
  }
  const sweep = setInterval(() => server.closeIdleConnections(), idleCheckMs)
  const timer = setTimeout(() => server.closeAllConnections(), timeoutMs)
  await closed
  clearInterval(sweep)
  clearTimeout(timer)
}

function sayLast(_: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.shouldKeepAlive = false
}

export function countConnections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count ?? 0)))
}
