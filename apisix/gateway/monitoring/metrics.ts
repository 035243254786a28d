import { createHistogram, type Histogram } from '@ego/kit/fast/histogram'

/** Names, labels and buckets are APISIX's, so the same dashboards work. */
export type Metrics = {
  observe(route: string, status: number, totalMs: number, upstreamMs: number): void
  render(gauges: Record<string, number>): string
}

const boundsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000]

type RouteMetrics = { statuses: Map<number, number>; request: Histogram; upstream: Histogram }

export function createMetrics(): Metrics {
  const routes = new Map<string, RouteMetrics>()
  return {
    observe(route, status, totalMs, upstreamMs) {
      let own = routes.get(route)
      if (own === undefined) {
        own = {
          statuses: new Map(),
          request: createHistogram(boundsMs),
          upstream: createHistogram(boundsMs),
        }
        routes.set(route, own)
      }
      own.statuses.set(status, (own.statuses.get(status) ?? 0) + 1)
      own.request.observe(totalMs)
      if (upstreamMs > 0) own.upstream.observe(upstreamMs)
    },
    render: (gauges) =>
      [...renderStatuses(routes), ...renderLatencies(routes), ...renderGauges(gauges), ''].join(
        '\n',
      ),
  }
}

function* renderStatuses(routes: ReadonlyMap<string, RouteMetrics>): Generator<string> {
  yield '# HELP apisix_http_status HTTP status codes per route'
  yield '# TYPE apisix_http_status counter'
  for (const [route, { statuses }] of routes) {
    for (const [code, count] of statuses) {
      yield `apisix_http_status{code="${code}",route="${route}"} ${count}`
    }
  }
}

function* renderLatencies(routes: ReadonlyMap<string, RouteMetrics>): Generator<string> {
  yield '# HELP apisix_http_latency HTTP request latency in milliseconds per route'
  yield '# TYPE apisix_http_latency histogram'
  for (const [route, { request, upstream }] of routes) {
    yield* request.lines('apisix_http_latency', `type="request",route="${route}"`)
    yield* upstream.lines('apisix_http_latency', `type="upstream",route="${route}"`)
  }
}

function* renderGauges(gauges: Record<string, number>): Generator<string> {
  for (const [name, value] of Object.entries(gauges)) {
    yield `# TYPE ${name.replace(/\{.*/, '')} gauge`
    yield `${name} ${value}`
  }
}
