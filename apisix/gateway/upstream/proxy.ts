import { findField, joinField, setFields } from '@ego/kit/fast/fields'
import type { Logger } from 'pino'
import { readBody } from '../http/body.ts'
import type { Exchange, Reply } from '../http/exchange.ts'
import { problem } from '../http/problem.ts'
import { discard } from '../http/respond.ts'
import { UpstreamFailure } from './transport.ts'
import type { Upstream } from './upstream.ts'

/** Sends the request to its upstream; resolves to a problem where that gives no answer. */
export async function proxy(exchange: Exchange, upstream: Upstream, log: Logger): Promise<Reply> {
  setForwardedFields(exchange)
  const reading = readBody(exchange)
  const body = reading instanceof Promise ? await reading : reading
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

/**
 * Says upstream who is asking, as APISIX without `trusted_addresses` does: the peer is added to the
 * chain in X-Forwarded-For; all other fields tell what this gateway saw itself.
 */
function setForwardedFields({ fields, clientAddress, host, serverPort }: Exchange): void {
  const chain = joinField(fields, 'x-forwarded-for')
  setFields(fields, [
    ...['x-real-ip', clientAddress],
    ...['x-forwarded-for', chain === undefined ? clientAddress : `${chain}, ${clientAddress}`],
    ...['x-forwarded-proto', 'http'],
    ...['x-forwarded-host', findField(fields, 'host') ?? host],
    ...['x-forwarded-port', String(serverPort)],
  ])
}

function explain(exchange: Exchange, error: unknown, upstream: string, log: Logger): Reply {
  if (!(error instanceof UpstreamFailure)) throw error
  if (!exchange.isGone) {
    log.warn({ err: error, upstream, request_id: exchange.requestId }, 'upstream gave no answer')
  }
  return problem(exchange, error.kind === 'timeout' ? 'gateway_timeout' : 'bad_gateway')
}

function refuseBody(exchange: Exchange): Reply {
  if (exchange.refusal !== null) return exchange.refusal
  return problem(exchange, exchange.bodyFailure === 'too_large' ? 'body_too_large' : 'bad_request')
}
