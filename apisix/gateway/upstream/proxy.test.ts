import { expect, test } from 'vitest'
import { aGateway, aServer, aService, yamlFor } from '../testing/gateway.ts'

async function closedAddress(): Promise<string> {
  const { address, close } = await aServer(() => undefined)
  close()
  return address
}

test('request and answer pass through an HTTP node unchanged', async () => {
  const { address } = await aServer(async (incoming, outgoing) => {
    const body = (await incoming.toArray()).join('')
    outgoing.writeHead(201, [
      ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'],
      ...['Connection', 'keep-alive, x-gone', 'X-Kept', 'yes', 'Keep-Alive', 'timeout=9'],
    ])
    outgoing.end(
      JSON.stringify({
        method: incoming.method,
        url: incoming.url,
        headers: incoming.headers,
        body,
      }),
    )
  })
  const gateway = await aGateway({ yaml: yamlFor({ [address]: 1 }) })
  const response = await fetch(`${gateway.url}/a//b/../c%20d?x=1&y=%2F`, {
    method: 'PUT',
    headers: { 'X-Forwarded-For': '203.0.113.9', 'X-Real-IP': '203.0.113.9', TE: 'trailers' },
    body: 'hello',
  })
  const seen = (await response.json()) as { headers: Record<string, string> }
  expect(response.status).toBe(201)
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(response.headers.get('x-kept')).toBe('yes')
  expect(seen).toMatchObject({ method: 'PUT', url: '/a/c%20d?x=1&y=%2F', body: 'hello' })
  expect(seen.headers).toMatchObject({
    'x-real-ip': '127.0.0.1',
    'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': new URL(gateway.url).host,
    'x-forwarded-port': new URL(gateway.url).port,
    host: new URL(gateway.url).host,
  })
  expect(seen.headers).not.toHaveProperty('te')
})

test('a node that is down is 502 as a problem, and the log says why', async () => {
  const gateway = await aGateway({ yaml: yamlFor({ [await closedAddress()]: 1 }) })
  const response = await fetch(gateway.url)
  expect(response.status).toBe(502)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({
    code: 'bad_gateway',
    request_id: expect.any(String),
  })
  expect(gateway.lines.find(({ msg }) => msg === 'upstream gave no answer')).toMatchObject({
    upstream: 'app',
  })
})

test('a node that does not answer in time is 504', async () => {
  const { address } = await aServer(() => undefined)
  const gateway = await aGateway({ yaml: yamlFor({ [address]: 1 }) })
  const response = await fetch(gateway.url)
  expect([response.status, await response.json()]).toMatchObject([504, { code: 'gateway_timeout' }])
})

test('a service in the process that does not answer in time is 504 and is told to stop', async () => {
  let signal: AbortSignal | null = null
  const service = (request: Request) => {
    signal = request.signal
    return new Promise<Response>(() => undefined)
  }
  const gateway = await aGateway({ yaml: yamlFor({ 'app:1': 1 }), inProcess: { 'app:1': service } })
  expect((await fetch(gateway.url)).status).toBe(504)
  expect(signal).toMatchObject({ aborted: true })
})

test('a service in the process that throws is 502 and its message stays inside', async () => {
  const service = () => {
    throw new Error('secret')
  }
  const gateway = await aGateway({ yaml: yamlFor({ 'app:1': 1 }), inProcess: { 'app:1': service } })
  const response = await fetch(gateway.url)
  expect(response.status).toBe(502)
  expect(await response.text()).not.toContain('secret')
})

test('another node takes over when one is down, also for a body', async () => {
  const { seen, service } = aService()
  const nodes = { [await closedAddress()]: 1000, 'app:1': 1 }
  const gateway = await aGateway({ yaml: yamlFor(nodes), inProcess: { 'app:1': service } })
  const response = await fetch(gateway.url, { method: 'POST', body: 'once' })
  expect(response.status).toBe(200)
  expect(seen.map(({ body }) => body)).toEqual(['once'])
})

test('a request that may have done its work is not repeated, one without effect is', async () => {
  const { address } = await aServer((incoming) => incoming.socket.destroy())
  const { seen, service } = aService()
  const gateway = await aGateway({
    yaml: yamlFor({ [address]: 1000, 'app:1': 1 }),
    inProcess: { 'app:1': service },
  })
  expect((await fetch(gateway.url, { method: 'POST', body: 'x' })).status).toBe(502)
  expect(seen).toEqual([])
  expect((await fetch(gateway.url)).status).toBe(200)
})

test('retries: 0 means one try', async () => {
  const { service } = aService()
  const nodes = { [await closedAddress()]: 1000, 'app:1': 1 }
  const gateway = await aGateway({
    yaml: yamlFor(nodes, '    retries: 0'),
    inProcess: { 'app:1': service },
  })
  expect((await fetch(gateway.url)).status).toBe(502)
})

test('nodes share the requests by their weights', async () => {
  const counts = { a: 0, b: 0, c: 0 }
  const count = (name: keyof typeof counts) => () => {
    counts[name] += 1
    return new Response()
  }
  const gateway = await aGateway({
    yaml: yamlFor({ 'a:1': 3, 'b:1': 1, 'c:1': 0 }),
    inProcess: { 'a:1': count('a'), 'b:1': count('b'), 'c:1': count('c') },
  })
  for (let i = 0; i < 8; i++) await fetch(gateway.url)
  expect(counts).toEqual({ a: 6, b: 2, c: 0 })
})
