import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { aGateway, aService, until, yamlWithPlugins } from './test-gateway.ts'

const plugins = `
forward-auth:
  uri: http://auth:1/verify
  upstream_headers: [X-User-ID]
  client_headers: [Content-Type]`

/** A session that ends while a request of it is under way. */
async function aSession() {
  const session = { isAlive: true, asked: 0 }
  const { seen, service } = aService()
  const auth = () => {
    session.asked += 1
    const headers = { 'X-User-ID': String(session.asked), 'Content-Type': 'text/plain' }
    return new Response('over', { status: session.isAlive ? 200 : 401, headers })
  }
  const gateway = await aGateway({
    yaml: yamlWithPlugins(plugins),
    inProcess: { 'auth:1': auth, 'app:1': service },
  })
  return { session, seen, gateway }
}

const head = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
const counted = [`${head}Content-Length: 5\r\n\r\nhel`, 'lo'] as const
const chunked = [
  `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n`,
  '2\r\nlo\r\n0\r\n\r\n',
] as const
const large = [`${head}Content-Length: 100000\r\n\r\n`, 'a'.repeat(100_000)] as const

/** Sends the first half, and the second one when the gateway may have forgotten who is calling. */
async function hold(url: string, [first, second]: readonly [string, string], afterMs: number) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(first)
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    socket.write(second)
    await closed
    return answer
  }
}

const bodies = { counted, chunked, large }
const names = Object.keys(bodies) as (keyof typeof bodies)[]

test.each(names)('a held request with a %s body ends with its session', async (name) => {
  const { session, seen, gateway } = await aSession()
  const finish = await hold(gateway.url, bodies[name], 1100)
  await until(() => session.asked === 1)
  session.isAlive = false
  expect(await finish()).toMatch(/^HTTP\/1\.1 401 .*\r\n\r\nover$/s)
  expect(seen).toEqual([])
})

test.each(names)('a slow %s body of a session that lives arrives', async (name) => {
  const { session, seen, gateway } = await aSession()
  const finish = await hold(gateway.url, bodies[name], 1100)
  expect(await finish()).toMatch(/^HTTP\/1\.1 200 /)
  expect(seen).toHaveLength(1)
  expect(session.asked).toBe(2)
})

test('a body that comes with its request is not asked about twice', async () => {
  const { session, gateway } = await aSession()
  const finish = await hold(gateway.url, chunked, 0)
  expect(await finish()).toMatch(/^HTTP\/1\.1 200 /)
  expect(session.asked).toBe(1)
})
