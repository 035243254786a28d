import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy to a server that a test can cut, freeze and mend. */
export type Link = AsyncDisposable & {
  /** The address of the server, as seen through the link. */
  url: string
  /** Closes all connections and refuses new ones. */
  cut(): void
  mend(): void
  /** Stops forwarding without closing connections. */
  freeze(): void
}

export async function openLink(serverUrl: string): Promise<Link> {
  const target = new URL(serverUrl)
  const sockets = new Set<Socket>()
  let state: 'open' | 'cut' | 'frozen' = 'open'

  function keep(socket: Socket): void {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }

  const server = createServer((client) => {
    keep(client)
    if (state === 'cut') return client.destroy()
    if (state === 'frozen') return client.pause()
    const upstream = connect(Number(target.port), target.hostname)
    keep(upstream)
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    client.pipe(upstream).pipe(client)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  function cut(): void {
    state = 'cut'
    for (const socket of sockets) socket.destroy()
  }

  const url = new URL(serverUrl)
  url.host = `127.0.0.1:${Object(server.address()).port}`
  return {
    url: url.href,
    cut,
    mend() {
      cut()
      state = 'open'
    },
    freeze() {
      state = 'frozen'
      for (const socket of sockets) socket.unpipe().pause()
    },
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
