import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { openConnection } from './connection.ts'

async function listen(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : null
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

test('answers of every form come one after the other on one connection', async () => {
  const ports = new Set<number | undefined>()
  await using server = await listen((incoming, outgoing) => {
    ports.add(incoming.socket.remotePort)
    if (incoming.method === 'DELETE') outgoing.writeHead(204).end()
    else if (incoming.method === 'POST') incoming.pipe(outgoing)
    else outgoing.end('hello')
  })
  using connection = await openConnection(server.url)
  expect(await connection.ask({ path: '/' })).toEqual({ status: 200, body: 'hello' })
  expect(await connection.ask({ method: 'DELETE', path: '/' })).toEqual({ status: 204, body: '' })
  const body = { text: 'a'.repeat(100_000) }
  expect((await connection.ask({ method: 'POST', path: '/', body })).body).toBe(
    JSON.stringify(body),
  )
  expect(ports.size).toBe(1)
})

test('a server that closes without an answer is an error', async () => {
  await using server = await listen((incoming) => void incoming.socket.destroy())
  using connection = await openConnection(server.url)
  await expect(connection.ask({ path: '/' })).rejects.toThrow('has closed the connection')
})
