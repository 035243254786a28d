import { Readable } from 'node:stream'
import { type Fields, removeField } from '@ego/kit/fast/fields'
import { createLeanRequest } from '@ego/kit/fast/lean-request'
import { readLeanResponse } from '@ego/kit/fast/lean-response'
import { abortOf, type Body, type Reply } from '../http/exchange.ts'
import { isHopByHop } from '../http/hop-by-hop.ts'
import { type Call, type Transport, UpstreamFailure } from './transport.ts'

/** A service in this process: a web-standard `fetch`, as every Hono app has one. */
export type ServiceFetch = (request: Request) => Response | Promise<Response>

/** Reaches a service by a function call: no socket, no serialisation, no copy of the body. */
export function inProcessTransport(name: string, service: ServiceFetch): Transport {
  const origin = `http://${name}`
  return {
    name,
    isRemote: false,
    async send(call) {
      const { exchange } = call
      const { method, path, fields, body } = isBodyless(call.method) ? withoutBody(call) : call
      const abort = () => (exchange === null ? new AbortController() : abortOf(exchange))
      const request = createLeanRequest(method, origin + path, fields, body, abort)
      return readResponse(await withinTime(name, call, () => service(request)))
    },
  }
}

/** A web-standard `Request` with one of these methods and a body cannot be built. */
function isBodyless(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

function withoutBody(call: Call): Call {
  if (call.body === null) return call
  if (call.body instanceof Readable) call.body.resume()
  const fields = [...call.fields]
  removeField(fields, 'content-length')
  return { ...call, fields, body: null }
}

function withinTime(
  node: string,
  { body, readMs, exchange }: Call,
  ask: () => Response | Promise<Response>,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const stopTimer = startTimer(body, readMs, () => {
      reject(new UpstreamFailure('timeout', { node }))
      exchange?.abort?.abort()
    })
    const fail = (cause: unknown) => {
      stopTimer()
      reject(new UpstreamFailure('broken', { node, cause }))
    }
    const succeed = (response: Response) => {
      stopTimer()
      resolve(response)
    }
    try {
      // Not awaited where it is no promise: a verify that is answered from memory is an ordinary call.
      const answer = ask()
      if (answer instanceof Promise) answer.then(succeed, fail)
      else succeed(answer)
    } catch (error) {
      fail(error)
    }
  })
}

/**
 * The time of the service does not run while the client is still sending. The server's own timeout
 * ends a client that stalls; a body that the service leaves unread counts as delay of the service.
 */
function startTimer(body: Body, readMs: number, expire: () => void): () => void {
  const timer = setTimeout(() => {
    if (isClientSending(body)) timer.refresh()
    else expire()
  }, readMs).unref()
  if (!(body instanceof Readable)) return () => clearTimeout(timer)
  const restart = () => timer.refresh()
  body.once('end', restart)
  return () => {
    body.off('end', restart)
    clearTimeout(timer)
  }
}

function isClientSending(body: Body): boolean {
  if (!(body instanceof Readable)) return false
  return !body.readableEnded && !body.destroyed && body.readableLength === 0
}

function readResponse(response: Response): Reply {
  const lean = readLeanResponse(response)
  if (lean !== null) return lean
  const fields: Fields = []
  for (const [name, value] of response.headers) {
    if (!isHopByHop(name)) fields.push(name, value)
  }
  const { body } = response
  return { status: response.status, fields, body: body === null ? null : readableOf(body) }
}

function readableOf(body: NonNullable<Response['body']>): Readable {
  // A stream may fail before it is read; without a listener the process would end.
  return Readable.fromWeb(body).on('error', () => undefined)
}
