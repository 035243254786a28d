import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { within } from './within.ts'

export type Metrics = {
  registry: Registry
  requestDone(method: string, route: string, status: number, seconds: number): void
  /** Read at each scrape. What rejects or is too slow is `NaN`, which Prometheus takes for unknown. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void
}

const readMsMax = 2_000
const bucketsSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered, by route pattern.',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to its answer, by route pattern.',
    labelNames: ['method', 'route'],
    buckets: bucketsSeconds,
    registers: [registry],
  })
  const series = new Map<string, (seconds: number) => void>()

  /** Finding the series of these labels anew costs more than to count in them. */
  function seriesOf(method: string, route: string, status: number): (seconds: number) => void {
    const count = requests.labels({ method, route, status })
    const time = duration.labels({ method, route })
    return (seconds) => {
      count.inc()
      time.observe(seconds)
    }
  }

  return {
    registry,
    requestDone(method, route, status, seconds) {
      const labels = `${method} ${status} ${route}`
      const known = series.get(labels) ?? seriesOf(method, route, status)
      series.set(labels, known)
      known(seconds)
    },
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          this.set(await readInTime(read))
        },
      })
    },
  }
}

/** For a service that is a process of its own: its memory, processor time and event loop. */
export function measureProcess({ registry }: Metrics): void {
  collectDefaultMetrics({ register: registry })
}

/** One gauge that cannot be read must not take the others from whoever looks for the fault. */
async function readInTime(read: () => number | Promise<number>): Promise<number> {
  try {
    return await within(readMsMax, Promise.resolve(read()))
  } catch {
    return Number.NaN
  }
}
