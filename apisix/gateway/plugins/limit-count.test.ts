import { expect, test } from 'vitest'
import { aGateway, aService, yamlWithPlugins } from '../testing/gateway.ts'

const limit = 'limit-count: { count: 2, time_window: 60, rejected_code: 429 }'

async function limited(plugins: string, more = '') {
  const clock = { now: 0 }
  const { seen, service } = aService()
  const gateway = await aGateway({
    yaml: yamlWithPlugins(plugins, more),
    inProcess: { 'app:1': service },
    now: () => clock.now,
  })
  const get = async (headers: Record<string, string> = {}) => fetch(gateway.url, { headers })
  return { clock, get, seen }
}

test('one request more than the count is 429 with a time to wait, until the window ends', async () => {
  const { clock, get, seen } = await limited(limit)
  expect((await get()).headers.get('x-ratelimit-remaining')).toBe('1')
  expect((await get()).headers.get('x-ratelimit-remaining')).toBe('0')
  clock.now = 20_500
  const refused = await get()
  expect(refused.status).toBe(429)
  expect(await refused.json()).toMatchObject({ status: 429, code: 'too_many_requests' })
  expect(refused.headers.get('content-type')).toBe('application/problem+json')
  expect(refused.headers.get('retry-after')).toBe('40')
  expect(refused.headers.get('x-ratelimit-limit')).toBe('2')
  expect(refused.headers.get('x-ratelimit-reset')).toBe('40')
  expect(seen).toHaveLength(2)
  clock.now = 60_000
  expect((await get()).status).toBe(200)
})

test('each key has a count of its own, and X-Forwarded-For buys no new one', async () => {
  const byHeader = await limited(limit.replace('{', '{ key: http_x_key,'))
  for (const key of ['a', 'a', 'b', 'b'])
    expect((await byHeader.get({ 'X-Key': key })).status).toBe(200)
  expect((await byHeader.get({ 'X-Key': 'a' })).status).toBe(429)
  const byAddress = await limited(limit)
  for (const address of ['1.1.1.1', '2.2.2.2']) await byAddress.get({ 'X-Forwarded-For': address })
  expect((await byAddress.get({ 'X-Forwarded-For': '3.3.3.3' })).status).toBe(429)
})

test('a global limit refuses before a route plugin of higher priority asks auth', async () => {
  const global =
    'global_rules: [{ id: g, plugins: { limit-count: { count: 1, time_window: 9, rejected_code: 429 } } }]'
  const { get } = await limited(
    'forward-auth: { uri: "http://auth:1/", status_on_error: 401, timeout: 100 }',
    global,
  )
  expect((await get()).status).toBe(401)
  expect((await get()).status).toBe(429)
})

test('a global limit and that of a route both count; the route shows its own', async () => {
  const global = 'global_rules: [{ id: g, plugins: { limit-count: { count: 3, time_window: 9 } } }]'
  const { get } = await limited(limit, global)
  expect((await get()).headers.get('x-ratelimit-limit')).toBe('2')
  await get()
  expect((await get()).status).toBe(429)
  expect((await get()).status).toBe(503)
})
