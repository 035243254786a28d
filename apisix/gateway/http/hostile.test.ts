import { expect, test } from 'vitest'
import { aGateway, aService, sendRaw, yamlWithPlugins } from '../testing/gateway.ts'

async function aTarget(plugins = 'client-control: { max_body_size: 1000 }\nrequest-id: {}') {
  const { seen, service } = aService()
  const gateway = await aGateway({
    yaml: yamlWithPlugins(plugins),
    inProcess: { 'app:1': service },
  })
  return { seen, gateway, send: (bytes: string) => sendRaw(gateway.url, bytes, 1000) }
}

function problemIn(answer: string): { code?: string; request_id?: string } {
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
  return JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)) as { code?: string }
}

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'

test.each([
  [
    'both lengths',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'both lengths the other way',
    `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'two content lengths',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n${smuggled}`,
  ],
  [
    'a list of content lengths',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 40\r\n\r\n${smuggled}`,
  ],
  ['a signed content length', `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello`],
  [
    'an obscured encoding',
    `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'an encoding that is not last',
    `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  [
    'a space before the colon',
    `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  ['a bare line feed', `GET / HTTP/1.1\nHost: x\n\n`],
  ['a bare carriage return', `GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n`],
  ['a folded line', 'GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n'],
  ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n'],
  [
    'a bad chunk size',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n',
  ],
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n'],
  ['an unknown version', 'GET / HTTP/3.9\r\nHost: x\r\n\r\n'],
  ['an unknown method', 'HELLO / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['not HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ['a broken escape', 'GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ['a path out of the root', 'GET /../etc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
])('%s is 400 as a problem, and nothing of it reaches a service', async (_what, bytes) => {
  const { seen, send } = await aTarget()
  const answer = await send(bytes)
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(answer.toLowerCase()).toContain('x-request-id: ')
  expect(problemIn(answer).code).toBe('bad_request')
  expect(seen.filter(({ url }) => url.includes('smuggled'))).toEqual([])
})

test('headers that are too large are 431', async () => {
  const { send } = await aTarget()
  const answer = await send(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  expect(problemIn(answer).code).toBe('header_too_large')
})

test('a websocket upgrade is 501, CONNECT too, another expectation 417', async () => {
  const { send } = await aTarget()
  const upgrade =
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n'
  expect(problemIn(await send(upgrade)).code).toBe('not_implemented')
  expect(problemIn(await send('CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n')).code).toBe(
    'not_implemented',
  )
  const expectation = 'POST / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 0\r\n\r\n'
  expect(problemIn(await send(expectation)).code).toBe('expectation_failed')
})

test('a body over the limit is 413 by its announced length, before it is sent', async () => {
  const { seen, send } = await aTarget()
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1001\r\n'
  const answer = await send(`${head}Expect: 100-continue\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(problemIn(answer).code).toBe('body_too_large')
  expect(seen).toEqual([])
})

test('a body over the limit is 413 also without an announced length', async () => {
  const { gateway } = await aTarget()
  const body = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 4; i++) controller.enqueue(Buffer.alloc(400))
      controller.close()
    },
  })
  const response = await fetch(gateway.url, { method: 'POST', body, duplex: 'half' })
  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({ code: 'body_too_large' })
})

test('a body up to the limit passes, with and without an announced length', async () => {
  const { seen, gateway } = await aTarget()
  await fetch(gateway.url, { method: 'POST', body: 'a'.repeat(1000) })
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.alloc(1000, 'b'))
      controller.close()
    },
  })
  await fetch(gateway.url, { method: 'POST', body, duplex: 'half' })
  expect(seen.map((each) => each.body)).toEqual(['a'.repeat(1000), 'b'.repeat(1000)])
})

test('a client that waits for 100 Continue gets it once the plugins let it pass', async () => {
  const { seen, send } = await aTarget()
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n'
  const answer = await send(`${head}Expect: 100-continue\r\n\r\nhello`)
  expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  expect(seen[0]).toMatchObject({ body: 'hello' })
  expect(seen[0]?.headers.map(([name]) => name)).not.toContain('expect')
})

test('what Connection names ends here, but not what frames or addresses the message', async () => {
  const { seen, send } = await aTarget()
  const named = 'Connection: close, X-Hop, Host, Content-Length, Transfer-Encoding\r\nX-Hop: 1\r\n'
  await send(`POST / HTTP/1.1\r\nHost: x\r\n${named}X-Kept: 1\r\nContent-Length: 5\r\n\r\nhello`)
  const names = seen[0]?.headers.map(([name]) => name)
  expect(seen[0]?.body).toBe('hello')
  expect(names).toEqual(expect.arrayContaining(['host', 'content-length', 'x-kept']))
  expect(names).not.toContain('x-hop')
  expect(names).not.toContain('connection')
})

test('pipelined requests are answered in their order', async () => {
  const { seen, send } = await aTarget()
  const one = 'GET /1 HTTP/1.1\r\nHost: x\r\n\r\n'
  const two = 'GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
  const answer = await send(one + two)
  expect(answer.match(/HTTP\/1\.1 200 /g)).toHaveLength(2)
  expect(seen.map(({ url }) => url)).toEqual(['http://app:1/1', 'http://app:1/2'])
})
