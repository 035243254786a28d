import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { Exchange, Reply } from './http/exchange.ts'
import { openExchange } from './http/open-exchange.ts'
import { problem } from './http/problem.ts'
import { respond } from './http/respond.ts'
import { logAccess } from './monitoring/access-log.ts'
import type { Route, Table } from './routing/table.ts'
import { proxy } from './upstream/proxy.ts'

/** One request, from its headers to the access log. Never rejects: there is no caller to handle it. */
export async function serve(
  table: Table,
  log: Logger,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  awaitsContinue: boolean,
): Promise<void> {
  try {
    const { exchange, refusal } = openExchange(incoming, outgoing)
    // For a refused request no plugin runs but the header filters and logs of the global rules.
    const route = (refusal === null ? table.match(exchange) : null) ?? table.unmatched
    exchange.routeId = route.id
    exchange.awaitsContinue = awaitsContinue
    outgoing.once('close', () => leave(exchange))
    await finish(exchange, route, refusal, log)
  } catch (error) {
    fail(outgoing, error, log, { requestId: '', isGone: false })
  }
}

async function finish(
  exchange: Exchange,
  route: Route,
  refusal: Reply | null,
  log: Logger,
): Promise<void> {
  const { outgoing } = exchange
  try {
    const reply = refusal ?? (await answer(exchange, route, log))
    for (const filter of route.headerFilters) filter(exchange, reply)
    await respond(exchange, reply)
  } catch (error) {
    fail(outgoing, error, log, exchange)
  }
  const status = exchange.isGone ? clientGone : outgoing.statusCode
  for (const note of route.logs) note(exchange, status)
  logAccess(log, exchange, status)
}

/** nginx's own status for a client that did not wait; it appears in logs and metrics only. */
const clientGone = 499

function leave(exchange: Exchange): void {
  if (exchange.outgoing.writableFinished) return
  exchange.isGone = true
  exchange.abort?.abort()
}

/** Runs the plugins, then the upstream. A step that is not asynchronous is not awaited. */
async function answer(exchange: Exchange, { steps, upstream }: Route, log: Logger): Promise<Reply> {
  for (const step of steps) {
    const outcome = step(exchange)
    const reply = outcome instanceof Promise ? await outcome : outcome
    if (reply !== undefined) return reply
  }
  return upstream === null ? problem(exchange, 'not_found') : proxy(exchange, upstream, log)
}

type Failed = Pick<Exchange, 'requestId' | 'isGone'>

/** A body that broke off is the upstream's fault; anything else here is a bug of the gateway. */
function fail(outgoing: ServerResponse, error: unknown, log: Logger, failed: Failed): void {
  if (failed.isGone) return
  log.error({ err: error, request_id: failed.requestId }, 'request failed')
  if (outgoing.writableEnded) return
  if (outgoing.headersSent) {
    // The status has been sent: cutting the connection is the only way left to report the failure.
    outgoing.destroy()
    return
  }
  const { status, fields, body } = problem(failed, 'internal_error')
  outgoing.writeHead(status, fields)
  outgoing.end(body)
}
