import { expect, test } from 'vitest'
import { aGateway, aServer, aService, until, yamlWithPlugins } from '../testing/gateway.ts'

const settings = `
forward-auth:
  uri: http://auth:1/verify?x=1
  request_headers: [Authorization, X-Forwarded-For]
  extra_headers: { X-Route: "$route_id" }
  upstream_headers: [X-User-ID, X-User-Roles]
  client_headers: [WWW-Authenticate, Content-Type]
  status_on_error: 503
  timeout: 200`

async function guarded(auth: (request: Request) => Response | Promise<Response>) {
  const { seen, service } = aService()
  const gateway = await aGateway({
    yaml: yamlWithPlugins(settings),
    inProcess: { 'auth:1': auth, 'app:1': service },
  })
  return { gateway, seen }
}

test('auth is told what is asked and not what the client claims about itself', async () => {
  let asked: { url: string; headers: Record<string, string> } | undefined
  const { gateway } = await guarded((request) => {
    asked = {
      url: `${request.method} ${request.url}`,
      headers: Object.fromEntries(request.headers),
    }
    return new Response(null, { status: 204 })
  })
  await fetch(`${gateway.url}/a//b?q=1`, {
    method: 'POST',
    body: 'secret',
    headers: {
      Authorization: 'Bearer t',
      'X-Forwarded-For': '6.6.6.6',
      'X-Forwarded-Uri': '/free',
      Cookie: 'c',
    },
  })
  expect(asked).toEqual({
    url: 'GET http://auth:1/verify?x=1',
    headers: {
      authorization: 'Bearer t',
      host: 'auth:1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': '127.0.0.1',
      'x-forwarded-method': 'POST',
      'x-forwarded-proto': 'http',
      'x-forwarded-uri': '/a/b?q=1',
      'x-route': 'only',
    },
  })
})

test('what auth says replaces the headers of the request, and what it leaves out is removed', async () => {
  const headers = { 'X-User-ID': '7', 'X-Other': 'no' }
  const { gateway, seen } = await guarded(() => new Response('dropped', { headers }))
  const claims = { 'X-User-ID': '1', 'X-User-Roles': 'staff', 'X-Kept': 'yes' }
  expect((await fetch(gateway.url, { headers: claims })).status).toBe(200)
  const received = Object.fromEntries(seen[0]?.headers ?? [])
  expect(received).toMatchObject({ 'x-user-id': '7', 'x-kept': 'yes' })
  expect(received).not.toHaveProperty('x-user-roles')
  expect(received).not.toHaveProperty('x-other')
})

test('a refusal reaches the client with its body and the listed headers only', async () => {
  const headers = {
    'WWW-Authenticate': 'Bearer',
    'Content-Type': 'application/problem+json',
    'X-Secret': '1',
  }
  const { gateway, seen } = await guarded(
    () => new Response('{"code":"no"}', { status: 401, headers }),
  )
  const response = await fetch(gateway.url)
  expect([response.status, await response.text()]).toEqual([401, '{"code":"no"}'])
  expect(response.headers.get('www-authenticate')).toBe('Bearer')
  expect(response.headers.get('x-secret')).toBeNull()
  expect(seen).toEqual([])
})

test.each([
  ['does not answer', () => new Promise<Response>(() => undefined)],
  ['fails', () => Promise.reject(new Error('down'))],
])('when auth %s no request passes', async (_how, auth) => {
  const { gateway, seen } = await guarded(auth)
  const response = await fetch(gateway.url)
  expect([response.status, await response.json()]).toMatchObject([
    503,
    { code: 'service_unavailable' },
  ])
  expect(seen).toEqual([])
})

test('without status_on_error an auth that fails is 403, and not a matter of the network', async () => {
  const gateway = await aGateway({
    yaml: yamlWithPlugins('forward-auth: { uri: "http://auth:1/" }'),
    inProcess: { 'auth:1': () => Promise.reject(new Error('down')) },
  })
  const response = await fetch(gateway.url)
  expect([response.status, await response.json()]).toMatchObject([403, { code: 'forbidden' }])
})

test('degradation cannot be switched on', async () => {
  const yaml = yamlWithPlugins(`${settings}\n  allow_degradation: true`)
  await expect(aGateway({ yaml })).rejects.toThrow(/allow_degradation/)
})

test('an idle connection to auth ends after keepalive_timeout', async () => {
  let isClosed = false
  const { address } = await aServer((incoming, outgoing) => {
    incoming.socket.once('close', () => {
      isClosed = true
    })
    // No hint of the server's own: only the setting says when.
    outgoing.writeHead(204, { 'Keep-Alive': '' })
    outgoing.end()
  })
  const yaml = yamlWithPlugins(`
forward-auth:
  uri: http://${address}/
  keepalive_timeout: 1000`)
  const gateway = await aGateway({ yaml, inProcess: { 'app:1': aService().service } })
  expect((await fetch(gateway.url)).status).toBe(200)
  expect(isClosed).toBe(false)
  await until(() => isClosed, 4000)
})
