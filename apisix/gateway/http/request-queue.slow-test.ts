import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { aGateway, sendRaw, until, yamlFor } from '../testing/gateway.ts'
import { listen } from './listener.ts'
import type { Handle } from './request-queue.ts'
import { createGatewayServer } from './server.ts'

const large = 'x'.repeat(8 * 1024 * 1024)

async function aTarget() {
  const seen: string[] = []
  const service = async (request: Request) => {
    const name = new URL(request.url).pathname
    seen.push(name)
    if (name === '/slow') await new Promise((resolve) => setTimeout(resolve, 100))
    return new Response(name === '/large' ? large : `answer to ${name}`)
  }
  const gateway = await aGateway({
    yaml: yamlFor({ 'app:1': 1 }, '', 30),
    inProcess: { 'app:1': service },
  })
  return { seen, gateway, send: (bytes: string) => sendRaw(gateway.url, bytes, 1500) }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

async function aBareServer(handle: Handle): Promise<{ server: Server; url: string }> {
  const server = createGatewayServer(handle, pino({ level: 'silent' }))
  const url = await listen(server, '127.0.0.1', 0)
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { server, url }
}

/** Sends, and reads nothing. */
function aSilentReader(url: string, bytes: string) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname, () => socket.write(bytes))
  socket.on('error', () => undefined)
  socket.pause()
  onTestFinished(() => void socket.destroy())
  return socket
}

test('a client that does not read its first answer has no second one made', async () => {
  const { seen, gateway } = await aTarget()
  const socket = aSilentReader(gateway.url, get('/large').repeat(10))
  await until(() => seen.length > 0)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(seen).toEqual(['/large'])
  let bytes = 0
  socket.on('data', (chunk) => {
    bytes += chunk.byteLength
  })
  socket.resume()
  await until(() => bytes > 10 * large.length, 15_000)
}, 20_000)

test('a socket on which more than 64 requests wait is closed', async () => {
  const { seen, send } = await aTarget()
  expect(await send(get('/slow').repeat(66))).toBe('')
  expect(seen).toEqual(['/slow'])
  const atMost = await send(
    get('/fast').repeat(64) + get('/last').replace('Host', 'Connection: close\r\nHost'),
  )
  expect(atMost.match(/answer to/g)).toHaveLength(65)
})

test('a client that leaves its answer unread is cut off, one whose answer takes long is not', async () => {
  const { server, url } = await aBareServer((incoming, outgoing) => {
    if (incoming.url === '/large') outgoing.end(large.repeat(4))
    else setTimeout(() => outgoing.end('late'), 600)
  })
  server.timeout = 200
  const accepted = once(server, 'connection')
  aSilentReader(url, get('/large'))
  const [socket] = await accepted
  await once(socket, 'close')
  expect(await (await fetch(url)).text()).toBe('late')
})

test('a client that stalls in its body is 408', async () => {
  const { server, url } = await aBareServer(() => undefined)
  server.headersTimeout = 100
  server.requestTimeout = 100
  const answer = await sendRaw(
    url,
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhal',
    9000,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 408 .*request_timeout/s)
}, 12_000)

test.each([
  ['CONNECT', 'CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n', 501],
  ['garbage', '\x16\x03\x01 garbage\r\n\r\n', 400],
  ['an unknown expectation', 'GET /no HTTP/1.1\r\nHost: x\r\nExpect: foo\r\n\r\n', 417],
  [
    'a broken body',
    'POST /no HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    400,
  ],
])('%s behind other requests is refused after their answers', async (_what, bytes, status) => {
  const { seen, send } = await aTarget()
  const post = 'POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi'
  const answer = await send(`${post}${get('/next')}${bytes}`)
  expect(answer.match(/HTTP\/1\.1 \d+/g)?.join()).toBe(
    `HTTP/1.1 200,HTTP/1.1 200,HTTP/1.1 ${status}`,
  )
  expect(answer).toMatch(/answer to \/slow.+answer to \/next.+problem\+json/s)
  expect(seen).toEqual(['/slow', '/next'])
})

test('CONNECT behind a large answer leaves that answer whole', async () => {
  const { send } = await aTarget()
  const answer = await send(`${get('/large')}CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n`)
  expect(answer.length).toBeGreaterThan(large.length)
  expect(answer).toContain('HTTP/1.1 501 ')
})

test('a client that closes its side after the request gets its answers', async () => {
  const { gateway } = await aTarget()
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname, () => socket.end(get('/slow') + get('/slow')))
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  await once(socket, 'close')
  expect(answer.match(/answer to \/slow/g)).toHaveLength(2)
})
