import { expect, test } from 'vitest'
import { aGateway, aService, yamlWithPlugins } from '../testing/gateway.ts'

async function rewritten(plugins: string, path: string, init?: RequestInit, more = '') {
  const { seen, service } = aService()
  const gateway = await aGateway({
    yaml: yamlWithPlugins(plugins, more),
    inProcess: { 'app:1': service },
  })
  const response = await fetch(gateway.url + path, { redirect: 'manual', ...init })
  return { response, seen: seen[0], sent: seen[0]?.url.replace('http://app:1', '') }
}

test.each([
  ['uri: /new', '/old?a=1', '/new?a=1'],
  ['uri: "/new?b=2"', '/old?a=1', '/new?b=2&a=1'],
  ['uri: "/u/$arg_id/$remote_addr"', '/old?id=7', '/u/7/127.0.0.1?id=7'],
  ['regex_uri: ["^/user/(\\\\d+)$", "/users/$1"]', '/user/7?x=1', '/users/7?x=1'],
  ['regex_uri: ["^/user/(\\\\d+)$", "/users/$1"]', '/user/me', '/user/me'],
  ['regex_uri: ["^/a", /b, "^/c", /d]', '/c/x', '/d/x'],
  ['regex_uri: ["^/f/(.*)$", "/g/$1"]', '/f/a%20b%3Fc', '/g/a%20b%3Fc'],
])('proxy-rewrite with %s makes of %s the path %s', async (settings, path, expected) => {
  expect((await rewritten(`proxy-rewrite: { ${settings} }`, path)).sent).toBe(expected)
})

test('proxy-rewrite changes the method and adds, sets and removes headers', async () => {
  const settings = `
proxy-rewrite:
  method: PATCH
  headers:
    add: { X-Many: two }
    set: { X-Set: "$request_method", X-Number: 1 }
    remove: [X-Gone, x-also]`
  const headers = { 'X-Many': 'one', 'X-Set': 'client', 'X-Gone': '1', 'X-Also': '1' }
  const { seen } = await rewritten(settings, '/', { method: 'PUT', body: 'b', headers })
  const received = Object.fromEntries(seen?.headers ?? [])
  expect(seen).toMatchObject({ method: 'PATCH', body: 'b' })
  expect(received).toMatchObject({ 'x-many': 'one, two', 'x-set': 'PUT', 'x-number': '1' })
  expect(received).not.toHaveProperty('x-gone')
  expect(received).not.toHaveProperty('x-also')
})

test('a global proxy-rewrite and that of the route both run', async () => {
  const global =
    'global_rules: [{ id: g, plugins: { proxy-rewrite: { headers: { remove: [X-Gone] } } } }]'
  const { seen, sent } = await rewritten(
    'proxy-rewrite: { uri: /new }',
    '/old',
    { headers: { 'X-Gone': '1' } },
    global,
  )
  expect(sent).toBe('/new')
  expect(seen?.headers.map(([name]) => name)).not.toContain('x-gone')
})

test.each([
  ['uri: /docs', '/old?a=1', 302, '/docs'],
  ['uri: "https://$host/x$uri", ret_code: 301', '/old', 301, 'https://127.0.0.1/x/old'],
  ['uri: /docs, append_query_string: true', '/old?a=1', 302, '/docs?a=1'],
  ['uri: "$uri/", encode_uri: true', '/a%20b', 302, '/a%20b/'],
  ['regex_uri: ["^/u/(.*)$", "/users/$1"]', '/u/7', 302, '/users/7'],
])('redirect with %s sends %s to the right place', async (settings, path, status, location) => {
  const { response, seen } = await rewritten(`redirect: { ${settings} }`, path)
  expect([response.status, response.headers.get('location')]).toEqual([status, location])
  expect(seen).toBeUndefined()
})

test('redirect lets a path pass that its pattern does not match', async () => {
  const { response } = await rewritten('redirect: { regex_uri: ["^/u/(.*)$", "/users/$1"] }', '/x')
  expect(response.status).toBe(200)
})

test('response-rewrite changes status, headers and body', async () => {
  const settings = `
response-rewrite:
  status_code: 202
  body: new
  headers:
    add: ["X-A: 1", "X-A: 2"]
    set: { Content-Type: text/plain, X-From: "$remote_addr" }
    remove: [X-Request-Id]`
  const { response } = await rewritten(`${settings}\nrequest-id: {}`, '/')
  expect([response.status, await response.text()]).toEqual([202, 'new'])
  expect(response.headers.get('content-length')).toBe('3')
  expect(response.headers.get('content-type')).toBe('text/plain')
  expect(response.headers.get('x-a')).toBe('1, 2')
  expect(response.headers.get('x-from')).toBe('127.0.0.1')
  expect(response.headers.get('x-request-id')).toBeNull()
})

test('response-rewrite holds only where its vars do', async () => {
  const settings =
    'response-rewrite: { body: bmV3, body_base64: true, vars: [[status, "==", 200], [arg_x, "~~", "^1"]] }'
  expect(await (await rewritten(settings, '/?x=12')).response.text()).toBe('new')
  expect(await (await rewritten(settings, '/?x=21')).response.json()).toEqual({ ok: true })
})
