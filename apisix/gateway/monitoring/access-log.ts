import type { Logger } from 'pino'
import type { Exchange } from '../http/exchange.ts'

/** Health checks ask for it every few seconds; their lines would hide the others. */
const unloggedPath = '/healthz'

/** One line a request. The query stays out of it: it may hold a token from a mail. */
export function logAccess(log: Logger, exchange: Exchange, status: number): void {
  if (exchange.path === unloggedPath) return
  log.info(
    {
      method: exchange.incoming.method,
      path: exchange.path,
      status,
      duration_ms: Math.round((performance.now() - exchange.startedAt) * 100) / 100,
      request_id: exchange.requestId,
      client_ip: exchange.clientAddress,
      route: exchange.routeId,
      user_id: exchange.userId || undefined,
    },
    'request',
  )
}
