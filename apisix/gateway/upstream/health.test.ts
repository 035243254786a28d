import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { aGateway, collectingLog, until } from '../testing/gateway.ts'
import { startChecks } from './health.ts'
import { activeCheckSchema } from './schema.ts'
import { UpstreamFailure } from './transport.ts'

test('a node that fails its checks gets no requests until it is well again', async () => {
  const state = { isWell: true, served: 0 }
  const server = createServer((incoming, outgoing) => {
    if (incoming.url === '/livez') outgoing.writeHead(state.isWell ? 200 : 500)
    else state.served += 1
    outgoing.end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const gateway = await aGateway({
    yaml: `
routes:
  - { id: r, uri: /*, upstream_id: app }
  - { id: quick, uri: /quick, upstream_id: app, timeout: { connect: 60, send: 5, read: 5 } }
upstreams:
  - id: app
    nodes: { "${address}": 1, "other:1": 1 }
    checks:
      active:
        http_path: /livez
        healthy: { interval: 1, successes: 1 }
        unhealthy: { interval: 1, http_failures: 1 }`,
    inProcess: { 'other:1': () => new Response() },
  })
  state.isWell = false
  await until(() => gateway.lines.some(({ msg }) => msg === 'node is ill'))
  expect(await gateway.metrics()).toContain(`apisix_upstream_status{node="${address}"} 0`)
  state.served = 0
  for (let i = 0; i < 4; i++) await fetch(gateway.url)
  // A timeout of its own gives a route no nodes of its own.
  for (let i = 0; i < 4; i++) await fetch(`${gateway.url}/quick`)
  expect(state.served).toBe(0)
  state.isWell = true
  await until(() => gateway.lines.some(({ msg }) => msg === 'node is back'))
  for (let i = 0; i < 4; i++) await fetch(gateway.url)
  expect(state.served).toBe(2)
})

test('a check that is under way when checks stop neither judges nor begins another', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  let fail = (_failure: UpstreamFailure) => undefined as unknown
  const send = () => new Promise<never>((_resolve, reject) => (fail = reject))
  const node = {
    transport: { name: 'a:1', isRemote: true, send },
    ...{ weight: 1, priority: 0, isHealthy: true },
  }
  const { log, lines } = collectingLog()
  const check = activeCheckSchema.parse({ unhealthy: { tcp_failures: 1 } })
  const checks = startChecks([node], check, log)
  vi.advanceTimersByTime(1000)
  checks[Symbol.dispose]()
  fail(new UpstreamFailure('unreachable', { node: 'a:1' }))
  await new Promise((resolve) => setImmediate(resolve))
  expect(vi.getTimerCount()).toBe(0)
  expect([node.isHealthy, lines]).toEqual([true, []])
})
