import { createServer, type Server } from 'node:http'
import { problemStatus, problemText } from '../http/problem.ts'

/** The path that APISIX uses. */
const metricsPath = '/apisix/prometheus/metrics'

/** A listener of its own, so that a client from outside cannot read the metrics. */
export function createMetricsServer(render: () => Promise<string>): Server {
  return createServer(async (incoming, outgoing) => {
    if (incoming.url === metricsPath) {
      outgoing.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      outgoing.end(await render())
    } else {
      outgoing.writeHead(problemStatus('not_found'), { 'content-type': 'application/problem+json' })
      outgoing.end(problemText('not_found', ''))
    }
  })
}
