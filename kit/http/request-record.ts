import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Log } from '../process/log.ts'
import type { Metrics } from '../process/metrics.ts'
import type { AppEnv } from './context.ts'

// A client's request id ends up in logs and headers, so only a harmless token is kept.
const requestIdPattern = /^[\w.:-]{1,128}$/

export function keptRequestId(sent: string | undefined): string {
  return sent && requestIdPattern.test(sent) ? sent : randomUUID()
}

// Probes come every few seconds and would drown the requests of users.
const quietPaths = new Set(['/livez', '/readyz', '/metrics'])

/** Gives the request its id, logs it in one line and measures it. The path is logged without its query, which may hold secrets. */
export function requestRecord(log: Log, metrics: Metrics): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const startedAtMs = performance.now()
    const requestId = keptRequestId(c.req.header('x-request-id'))
    c.set('requestId', requestId)
    await next()
    const { headers, status } = c.res
    headers.set('x-request-id', requestId)
    headers.set('x-content-type-options', 'nosniff')
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
    const durationMs = performance.now() - startedAtMs
    metrics.requestDone(c.req.method, routePath(c, -1), status, durationMs / 1000)
    if (quietPaths.has(c.req.path)) return
    log.info(
      {
        request_id: requestId,
        method: c.req.method,
        path: c.req.path,
        status,
        duration_ms: Math.round(durationMs * 10) / 10,
        user_id: c.get('caller')?.userId,
      },
      'request',
    )
  }
}
