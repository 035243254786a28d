import { expect, test } from 'vitest'
import { aGateway, aService, sendRaw, yamlWithPlugins } from '../testing/gateway.ts'

/** The plugins that stand before everything else: cors, request-id, ip-restriction, the rest. */
async function behind(plugins: string, more = '') {
  const { seen, service } = aService()
  const gateway = await aGateway({
    yaml: yamlWithPlugins(plugins, more),
    inProcess: { 'app:1': service },
  })
  return { gateway, seen, get: (init?: RequestInit) => fetch(gateway.url, init) }
}

test('cors answers a preflight itself, before any access step', async () => {
  const { get, seen } = await behind(
    'cors: { max_age: 9, allow_headers: "**" }\nip-restriction: { whitelist: [10.0.0.1] }',
  )
  const response = await get({
    method: 'OPTIONS',
    headers: { 'Access-Control-Request-Headers': 'x-a' },
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(response.headers.get('access-control-max-age')).toBe('9')
  expect(response.headers.get('access-control-allow-headers')).toBe('x-a')
  expect(seen).toEqual([])
})

test('cors with a list of origins lets in those and says that the answer varies', async () => {
  const { get } = await behind('cors: { allow_origins: "https://a.test,https://b.test" }')
  const allowed = await get({ headers: { Origin: 'https://b.test' } })
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://b.test')
  expect(allowed.headers.get('vary')).toBe('Origin')
  const denied = await get({ headers: { Origin: 'https://evil.test' } })
  expect(denied.headers.get('access-control-allow-origin')).toBeNull()
})

test('cors refuses credentials together with a star', async () => {
  await expect(behind('cors: { allow_credential: true }')).rejects.toThrow(/cors\.allow_credential/)
})

test('request-id keeps a harmless id, makes one otherwise, and sends it both ways', async () => {
  const { get, seen } = await behind('request-id: {}')
  const kept = await get({ headers: { 'X-Request-Id': 'mine' } })
  expect(kept.headers.get('x-request-id')).toBe('mine')
  const made = await get()
  expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  const endless = await get({ headers: { 'X-Request-Id': '"}{' } })
  expect(endless.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  const sent = seen.map(({ headers }) => Object.fromEntries(headers)['x-request-id'])
  expect(sent).toEqual([
    'mine',
    made.headers.get('x-request-id'),
    endless.headers.get('x-request-id'),
  ])
})

test.each([
  ['whitelist: [127.0.0.0/8]', 200],
  ['whitelist: [10.0.0.0/8, "::1"]', 403],
  ['blacklist: [127.0.0.1]', 403],
  ['blacklist: ["2001:db8::/32"]', 200],
])('ip-restriction with %s answers %i', async (list, status) => {
  const { get } = await behind(`ip-restriction: { ${list} }`)
  expect((await get()).status).toBe(status)
})

test('ip-restriction refuses what is no address', async () => {
  await expect(behind('ip-restriction: { whitelist: [10.0.0.0/33] }')).rejects.toThrow(
    /whitelist\[0\]/,
  )
})

test('fault-injection answers in place of the upstream, or after a while', async () => {
  const body =
    'fault-injection: { abort: { http_status: 418, body: "from $remote_addr", headers: { X-A: 1 } } }'
  const { get, seen } = await behind(body)
  const response = await get()
  expect([response.status, await response.text()]).toEqual([418, 'from 127.0.0.1'])
  expect(response.headers.get('x-a')).toBe('1')
  expect(seen).toEqual([])
  const late = await behind('fault-injection: { delay: { duration: 0.05 } }')
  const begin = performance.now()
  expect((await late.get()).status).toBe(200)
  expect(performance.now() - begin).toBeGreaterThan(45)
})

test('client-control of a route takes the place of its service’s', async () => {
  const yaml = `
services:
  - { id: s, upstream: { nodes: { "app:1": 1 } }, plugins: { client-control: { max_body_size: 10 } } }
routes:
  - { id: small, uri: /small, service_id: s }
  - { id: large, uri: /large, service_id: s, plugins: { client-control: { max_body_size: 100 } } }`
  const gateway = await aGateway({ yaml, inProcess: { 'app:1': aService().service } })
  const post = (path: string) => fetch(gateway.url + path, { method: 'POST', body: 'x'.repeat(50) })
  expect((await post('/small')).status).toBe(413)
  expect((await post('/large')).status).toBe(200)
})

test('prometheus counts per route and status, and times requests and upstreams', async () => {
  const { gateway, get } = await behind('prometheus: {}')
  await get()
  await get()
  await sendRaw(gateway.url, 'GET /.. HTTP/1.1\r\nHost: x\r\n\r\n')
  const text = await gateway.metrics()
  expect(text).toContain('apisix_http_status{code="200",route="only"} 2\n')
  expect(text).toContain('apisix_http_latency_count{type="request",route="only"} 2\n')
  expect(text).toContain('apisix_http_latency_bucket{type="upstream",route="only",le="+Inf"} 2\n')
  expect(text).toContain('apisix_upstream_status{node="app:1"} 1\n')
})

test('a plugin that is disabled by _meta does nothing, also one of the service', async () => {
  const { get } = await behind(
    'ip-restriction: { whitelist: [10.0.0.1], _meta: { disable: true } }',
  )
  expect((await get()).status).toBe(200)
})

test('_meta.priority changes the order within a phase', async () => {
  const first = 'fault-injection: { abort: { http_status: 418 } }'
  const { get } = await behind(`${first}\nredirect: { uri: /x, _meta: { priority: 20000 } }`)
  expect((await get({ redirect: 'manual' })).status).toBe(302)
  const normal = await behind(`${first}\nredirect: { uri: /x }`)
  expect((await normal.get({ redirect: 'manual' })).status).toBe(418)
})

test('global rules run before the route in each phase, rewrite before access', async () => {
  const global = 'global_rules: [{ id: g, plugins: { ip-restriction: { whitelist: [10.0.0.1] } } }]'
  const { get } = await behind('fault-injection: { abort: { http_status: 418 } }', global)
  expect((await get()).status).toBe(418)
  const other = await behind('forward-auth: { uri: "http://auth:1/" }', global)
  expect(await (await other.get()).json()).toMatchObject({ code: 'ip_not_allowed' })
})
