import { createHistogram, type Histogram } from './histogram.ts'

export type RequestMetrics = {
  done(method: string, route: string, status: number, seconds: number): void
  render(): string
}

const requestsName = 'http_requests_total'
const durationName = 'http_request_duration_seconds'
const boundsSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

type Operation = { labels: string; statuses: Map<number, number>; seconds: Histogram }

/** Counts requests by operation and status, and measures how long they took. */
export function createRequestMetrics(service: string): RequestMetrics {
  const operations = new Map<string, Operation>()

  function create(method: string, route: string): Operation {
    const labels = `service="${service}",method="${method}",route="${route}"`
    return { labels, statuses: new Map(), seconds: createHistogram(boundsSeconds) }
  }

  return {
    done(method, route, status, seconds) {
      const key = `${method} ${route}`
      const operation = operations.get(key) ?? create(method, route)
      operations.set(key, operation)
      operation.statuses.set(status, (operation.statuses.get(status) ?? 0) + 1)
      operation.seconds.observe(seconds)
    },
    render: () =>
      [
        `# HELP ${requestsName} Requests answered, by route pattern.`,
        `# TYPE ${requestsName} counter`,
        ...[...operations.values()].flatMap(({ labels, statuses }) =>
          [...statuses].map(
            ([status, count]) => `${requestsName}{${labels},status="${status}"} ${count}`,
          ),
        ),
        `# HELP ${durationName} Time from the request to its response, by route pattern.`,
        `# TYPE ${durationName} histogram`,
        ...[...operations.values()].flatMap(({ labels, seconds }) =>
          seconds.lines(durationName, labels),
        ),
        '',
      ].join('\n'),
  }
}
