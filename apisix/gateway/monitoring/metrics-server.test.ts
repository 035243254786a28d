import { expect, test } from 'vitest'
import { loadConfig } from '../config.ts'
import { aGateway, yamlWithPlugins } from '../testing/gateway.ts'

const yaml = yamlWithPlugins('prometheus: {}\nfault-injection: { abort: { http_status: 204 } }')
const path = '/apisix/prometheus/metrics'

test('metrics are at a port of their own and nowhere else', async () => {
  const gateway = await aGateway({ yaml, metricsPort: 0 })
  await fetch(gateway.url + path)
  const response = await fetch(gateway.metricsUrl + path)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await response.text()).toContain('apisix_http_status{code="204",route="only"} 1\n')
  const elsewhere = await fetch(`${gateway.metricsUrl}/metrics`)
  expect([elsewhere.status, await elsewhere.json()]).toMatchObject([404, { code: 'not_found' }])
  await gateway.drain(1000)
  await expect(fetch(gateway.metricsUrl + path)).rejects.toThrow()
})

test('without a port for them nothing listens for metrics', async () => {
  expect((await aGateway({ yaml })).metricsUrl).toBeUndefined()
})

test.each([
  [{}, undefined],
  [{ EGO_METRICS_PORT: '' }, undefined],
  [{ EGO_METRICS_PORT: '9091' }, 9091],
])('the port for metrics of %j is %s', (environment, port) => {
  expect(loadConfig(environment).EGO_METRICS_PORT).toBe(port)
})

test('a port for metrics that is none is refused by name', () => {
  expect(() => loadConfig({ EGO_METRICS_PORT: 'many' })).toThrow('EGO_METRICS_PORT: ')
})
