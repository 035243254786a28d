/**
 * Counters in plain maps and arrays, rendered only when somebody asks: a client library's label
 * hashing would cost as much per request as routing does. Names, labels and buckets are APISIX's,
 * so the same dashboards work.
 */
export type Metrics = {
  observe(route: string, status: number, totalMs: number, upstreamMs: number): void
  render(gauges: Record<string, number>): string
}

const boundsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000]

type Histogram = { buckets: number[]; sum: number }
type RouteMetrics = { statuses: Map<number, number>; request: Histogram; upstream: Histogram }

export function createMetrics(): Metrics {
  const routes = new Map<string, RouteMetrics>()
  return {
    observe(route, status, totalMs, upstreamMs) {
      let own = routes.get(route)
      if (own === undefined) {
        own = { statuses: new Map(), request: emptyHistogram(), upstream: emptyHistogram() }
        routes.set(route, own)
      }
      own.statuses.set(status, (own.statuses.get(status) ?? 0) + 1)
      record(own.request, totalMs)
      if (upstreamMs > 0) record(own.upstream, upstreamMs)
    },
    render: (gauges) =>
      [...renderStatuses(routes), ...renderLatencies(routes), ...renderGauges(gauges), ''].join(
        '\n',
      ),
  }
}

function emptyHistogram(): Histogram {
  return { buckets: new Array<number>(boundsMs.length + 1).fill(0), sum: 0 }
}

function record(histogram: Histogram, ms: number): void {
  let index = 0
  while (index < boundsMs.length && ms > (boundsMs[index] ?? 0)) index += 1
  histogram.buckets[index] = (histogram.buckets[index] ?? 0) + 1
  histogram.sum += ms
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
    yield* renderHistogram(`type="request",route="${route}"`, request)
    yield* renderHistogram(`type="upstream",route="${route}"`, upstream)
  }
}

function* renderHistogram(labels: string, { buckets, sum }: Histogram): Generator<string> {
  let total = 0
  for (const [index, count] of buckets.entries()) {
    total += count
    yield `apisix_http_latency_bucket{${labels},le="${boundsMs[index] ?? '+Inf'}"} ${total}`
  }
  yield `apisix_http_latency_sum{${labels}} ${sum}`
  yield `apisix_http_latency_count{${labels}} ${total}`
}

function* renderGauges(gauges: Record<string, number>): Generator<string> {
  for (const [name, value] of Object.entries(gauges)) {
    yield `# TYPE ${name.replace(/\{.*/, '')} gauge`
    yield `${name} ${value}`
  }
}
