import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { withTimeout } from '../async/timeout.ts'
import { createRequestMetrics, type RequestMetrics } from '../fast/request-metrics.ts'

export type Metrics = {
  contentType: string
  requestDone: RequestMetrics['done']
  render(): Promise<string>
  /** For a service in a process of its own: adds memory, processor time and event loop. */
  measureProcess(): void
  /** Read at each scrape. A value that rejects or is too slow becomes `NaN`, which means unknown to Prometheus. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void
}

const readMsMax = 2_000

export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  const requests = createRequestMetrics(service)
  return {
    contentType: registry.contentType,
    requestDone: requests.done,
    render: async () => `${requests.render()}${await registry.metrics()}`,
    measureProcess: () => collectDefaultMetrics({ register: registry }),
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

/** One unreadable gauge must not hide the others from an operator who looks for the fault. */
async function readInTime(read: () => number | Promise<number>): Promise<number> {
  try {
    return await withTimeout(readMsMax, Promise.resolve(read()))
  } catch {
    return Number.NaN
  }
}
