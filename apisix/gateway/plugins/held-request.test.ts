import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { aGateway, aServer, aService, until, yamlFor } from '../testing/gateway.ts'
import type { ServiceFetch } from '../upstream/transport-in-process.ts'

/** A session that ends while a request of it is under way. */
const aSession = () => ({ isAlive: true, asked: 0 })
type Session = ReturnType<typeof aSession>

function authOf(session: Session): ServiceFetch {
  return () => {
    session.asked += 1
    const headers = { 'X-User-ID': String(session.asked), 'Content-Type': 'text/plain' }
    return new Response('over', { status: session.isAlive ? 200 : 401, headers })
  }
}

/** Asks the auth service, over one connection where it is not in the process, before it calls the node. */
const yaml = (node: string, auth = 'auth:1') =>
  yamlFor(
    { [node]: 1 },
    `
global_rules:
  - id: ask
    plugins:
      forward-auth:
        uri: http://${auth}/verify
        upstream_headers: [X-User-ID]
        client_headers: [Content-Type]
        keepalive_pool: 1`,
    5,
  )

async function aGatewayOf(session: Session, node: string, app: ServiceFetch) {
  const clock = { now: 0 }
  const gateway = await aGateway({
    yaml: yaml(node),
    inProcess: { 'auth:1': authOf(session), 'app:1': app },
    now: () => clock.now,
  })
  return { session, clock, url: gateway.url }
}

async function inProcess() {
  const { seen, service } = aService()
  return { seen, ...(await aGatewayOf(aSession(), 'app:1', service)) }
}

async function behindASocket() {
  const seen: { body: string }[] = []
  const server = await aServer((incoming, outgoing) => {
    void text(incoming).then(
      (body) => {
        seen.push({ body })
        outgoing.end()
      },
      () => outgoing.destroy(),
    )
  })
  return { seen, ...(await aGatewayOf(aSession(), server.address, aService().service)) }
}

const head = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
const bodies = {
  counted: [`${head}Content-Length: 5\r\n\r\nhel`, 'lo'],
  chunked: [`${head}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n`, '2\r\nlo\r\n0\r\n\r\n'],
  large: [`${head}Content-Length: 100000\r\n\r\n${'a'.repeat(99_999)}`, 'a'],
} as const
const lengths = { counted: 5, chunked: 5, large: 100_000 }
type Name = keyof typeof bodies
const names = Object.keys(bodies) as Name[]
const cases = [inProcess, behindASocket].flatMap((place) =>
  names.map((name) => ({ name, place, where: place.name })),
)

/** Sends the first half, and the second one when it is told to. */
function hold(url: string, [first, second]: (typeof bodies)[Name]) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const held = { answer: '', finish }
  socket.on('data', (chunk) => {
    held.answer += chunk.toString('latin1')
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(first)

  async function finish(): Promise<string> {
    socket.write(second)
    await closed
    return held.answer
  }
  return held
}

test.each(cases)(
  'a held request with a $name body ends with its session ($where)',
  async ({ name, place }) => {
    const { session, clock, seen, url } = await place()
    const held = hold(url, bodies[name])
    await until(() => session.asked === 1)
    session.isAlive = false
    clock.now += 50
    expect(await held.finish()).toMatch(/^HTTP\/1\.1 401 .*\r\n\r\nover$/s)
    expect(seen).toEqual([])
  },
)

test.each(cases)(
  'a slow $name body of a session that lives arrives ($where)',
  async ({ name, place }) => {
    const { session, clock, seen, url } = await place()
    const held = hold(url, bodies[name])
    await until(() => session.asked === 1)
    clock.now += 50
    expect(await held.finish()).toMatch(/^HTTP\/1\.1 200 /)
    expect(seen.map(({ body }) => body.length)).toEqual([lengths[name]])
    expect(session.asked).toBe(2)
  },
)

test.each(cases)(
  'a $name body that comes in time is not asked about twice ($where)',
  async ({ name, place }) => {
    const { session, clock, seen, url } = await place()
    const held = hold(url, bodies[name])
    await until(() => session.asked === 1)
    clock.now += 49
    expect(await held.finish()).toMatch(/^HTTP\/1\.1 200 /)
    expect(seen).toHaveLength(1)
    expect(session.asked).toBe(1)
  },
)

test('a refusal that comes after the answer began does not keep its connection', async () => {
  const session = aSession()
  const clock = { now: 0 }
  const auth = await aServer((_incoming, outgoing) => {
    session.asked += 1
    outgoing.writeHead(session.isAlive ? 200 : 401).end('over')
  })
  const endless = () => new ReadableStream({ start: (controller) => controller.enqueue('a') })
  const app: ServiceFetch = ({ method }) => new Response(method === 'POST' ? endless() : 'done')
  const { url } = await aGateway({
    yaml: yaml('app:1', auth.address),
    inProcess: { 'app:1': app },
    now: () => clock.now,
  })
  const held = hold(url, bodies.chunked)
  await until(() => held.answer.startsWith('HTTP/1.1 200'))
  session.isAlive = false
  clock.now += 50
  void held.finish()
  await until(() => session.asked === 2)
  session.isAlive = true
  const answer = await fetch(url, { signal: AbortSignal.timeout(1_500) })
  expect(await answer.text()).toBe('done')
})
