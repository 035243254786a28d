import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { takeBody } from './http/body.ts'
import type { Exchange, Reply } from './http/exchange.ts'
import { finishFields } from './http/forwarded.ts'
import { type ProblemCode, problem } from './http/problem.ts'
import { discard, respond } from './http/respond.ts'
import { logAccess } from './monitoring/access-log.ts'
import { type Opened, openExchange } from './open-exchange.ts'
import type { Route, Table } from './routing/compile.ts'
import { UpstreamFailure } from './upstream/transport.ts'

/** One request from the first header to the access log. Never rejects: nobody would hear it. */
export async function serve(
  table: Table,
  log: Logger,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  awaitsContinue: boolean,
): Promise<void> {
  try {
    const opened = openExchange(table, incoming, outgoing)
    opened.exchange.awaitsContinue = awaitsContinue
    outgoing.once('close', () => leave(opened.exchange))
    await finish(opened, log)
  } catch (error) {
    fail(outgoing, error, log, { requestId: '', isGone: false })
  }
}

async function finish({ exchange, route, refusal }: Opened, log: Logger): Promise<void> {
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

/** Runs the plugins, then the upstream. A step that is not asynchronous is not waited for. */
async function answer(exchange: Exchange, route: Route, log: Logger): Promise<Reply> {
  for (const step of route.steps) {
    const outcome = step(exchange)
    const reply = outcome instanceof Promise ? await outcome : outcome
    if (reply !== undefined) return reply
  }
  if (route.upstream === null) return problem(exchange, 'not_found')
  return proxy(exchange, route.upstream, log)
}

async function proxy(
  exchange: Exchange,
  upstream: NonNullable<Route['upstream']>,
  log: Logger,
): Promise<Reply> {
  finishFields(exchange)
  const taken = takeBody(exchange)
  const body = taken instanceof Promise ? await taken : taken
  if (exchange.bodyFailure !== null) return refuseBody(exchange)
  const refusal = body instanceof Uint8Array ? await exchange.confirm() : undefined
  if (refusal !== undefined) return refusal
  const begin = performance.now()
  try {
    const reply = await upstream.send(exchange, body)
    if (exchange.bodyFailure === null) return reply
    discard(reply.body)
    return refuseBody(exchange)
  } catch (error) {
    if (exchange.bodyFailure !== null) return refuseBody(exchange)
    return explain(exchange, error, upstream.id, log)
  } finally {
    exchange.upstreamMs = performance.now() - begin
  }
}

function refuseBody(exchange: Exchange): Reply {
  if (exchange.refusal !== null) return exchange.refusal
  return problem(exchange, exchange.bodyFailure === 'too_large' ? 'body_too_large' : 'bad_request')
}

const codeOf = {
  unreachable: 'bad_gateway',
  broken: 'bad_gateway',
  timeout: 'gateway_timeout',
} as const satisfies Record<UpstreamFailure['kind'], ProblemCode>

function explain(exchange: Exchange, error: unknown, upstream: string, log: Logger): Reply {
  if (!(error instanceof UpstreamFailure)) throw error
  if (!exchange.isGone) {
    log.warn({ err: error, upstream, request_id: exchange.requestId }, 'upstream gave no answer')
  }
  return problem(exchange, codeOf[error.kind])
}

type Failed = Pick<Exchange, 'requestId' | 'isGone'>

/** A body that broke off is the upstream's fault; anything else here is a bug of the gateway. */
function fail(outgoing: ServerResponse, error: unknown, log: Logger, failed: Failed): void {
  if (failed.isGone) return
  log.error({ err: error, request_id: failed.requestId }, 'request failed')
  if (outgoing.writableEnded) return
  if (outgoing.headersSent) {
    // The status is out already: a cut connection is the only way left to say that this failed.
    outgoing.destroy()
    return
  }
  const { status, fields, body } = problem(failed, 'internal_error')
  outgoing.writeHead(status, fields)
  outgoing.end(body)
}
