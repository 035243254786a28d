import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { aGateway, until } from './test-gateway.ts'

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
  expect(state.served).toBe(0)
  state.isWell = true
  await until(() => gateway.lines.some(({ msg }) => msg === 'node is back'))
  for (let i = 0; i < 4; i++) await fetch(gateway.url)
  expect(state.served).toBe(2)
})
