import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { type Fields, removeField } from '@ego/kit/http/fast/fields'
import { createLeanRequest } from '@ego/kit/http/fast/lean-request'
import { readLeanResponse } from '@ego/kit/http/fast/lean-response'
import type { BodySource, Reply } from '../http/exchange.ts'
import { isHopByHop } from '../http/hop-by-hop.ts'
import { createDeadlines, type Deadlines } from './deadline.ts'
import { type Call, type Transport, UpstreamFailure } from './transport.ts'

/** A service in this process: a web-standard `fetch`, as every Hono app has one. */
export type ServiceFetch = (request: Request) => Response | Promise<Response>

/** Reaches a service by a function call: no socket, no serialisation, no copy of the body. */
export function inProcessTransport(node: string, service: ServiceFetch): Transport {
  const origin = `http://${node}`
  return {
    name: node,
    isRemote: false,
    async send(call) {
      const { method, path, fields, body } = isBodyless(call.method) ? withoutBody(call) : call
      const response = await withinTime(node, call, () =>
        service(createLeanRequest(method, origin + path, fields, body, () => abortOf(call))),
      )
      return readResponse(response)
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

function abortOf(call: Call): AbortController {
  if (call.exchange === null) return new AbortController()
  call.exchange.abort ??= new AbortController()
  return call.exchange.abort
}

const deadlines = new Map<number, Deadlines>()

function deadlinesOf(durationMs: number): Deadlines {
  const known = deadlines.get(durationMs)
  if (known !== undefined) return known
  const created = createDeadlines(durationMs)
  deadlines.set(durationMs, created)
  return created
}

/**
 * The service's time does not run while the client is still sending. One that stalls is answered
 * by the server's own timeout; one whose body the service leaves unread is the service's delay.
 */
function startClock(call: Call, expire: () => void): () => void {
  const { body, readMs } = call
  if (!(body instanceof Readable)) return deadlinesOf(readMs).add(expire)
  const begin = () => deadlinesOf(readMs).add(look)
  const look = () => {
    const isWaitingForClient = !body.readableEnded && !body.destroyed && body.readableLength === 0
    if (isWaitingForClient) callOff = begin()
    else expire()
  }
  let callOff = begin()
  const restart = () => {
    callOff()
    callOff = begin()
  }
  body.once('end', restart)
  return () => {
    body.off('end', restart)
    callOff()
  }
}

function withinTime(
  node: string,
  call: Call,
  ask: () => Response | Promise<Response>,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const callOff = startClock(call, () => {
      reject(new UpstreamFailure('timeout', { node }))
      call.exchange?.abort?.abort()
    })
    const fail = (cause: unknown) => {
      callOff()
      reject(new UpstreamFailure('broken', { node, cause }))
    }
    const succeed = (response: Response) => {
      callOff()
      resolve(response)
    }
    try {
      const answer = ask()
      if (answer instanceof Promise) answer.then(succeed, fail)
      else succeed(answer)
    } catch (error) {
      fail(error)
    }
  })
}

function readResponse(response: Response): Reply {
  const lean = readLeanResponse(response)
  if (lean !== null) return lean
  const fields: Fields = []
  for (const [name, value] of response.headers) {
    if (!isHopByHop(name)) fields.push(name, value)
  }
  const { body } = response
  return { status: response.status, fields, body: body === null ? null : webSource(body) }
}

/** How many chunks may gather before a body counts as a stream and is written as it comes. */
const chunksAtOnce = 3

/** Most bodies are one chunk that is already there; reading it whole saves chunked encoding. */
function webSource(body: ReadableStream<Uint8Array>): BodySource {
  const reader = body.getReader()
  const early: Uint8Array[] = []
  let pending = reader.read()
  return {
    async readWhole() {
      while (early.length < chunksAtOnce) {
        const result = await Promise.race([pending, aFewTicks()])
        if (result === null) return null
        if (result.done) return joined(early)
        early.push(result.value)
        pending = reader.read()
      }
      return null
    },
    async writeTo(outgoing) {
      for (const chunk of early) await write(outgoing, chunk)
      for (let result = await pending; !result.done; result = await reader.read()) {
        // A source that is always ready would otherwise never let the event loop notice the end.
        if (outgoing.destroyed) return
        await write(outgoing, result.value)
      }
      outgoing.end()
    },
    cancel: () => void reader.cancel().catch(() => undefined),
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks)
}

/** Long enough for a stream that holds its chunk already, without giving up the thread. */
async function aFewTicks(): Promise<null> {
  await null
  await null
  await null
  return null
}

/** Waits while the client reads slower than the service writes. */
function write(outgoing: ServerResponse, chunk: Uint8Array): Promise<void> | undefined {
  if (outgoing.write(chunk) || outgoing.destroyed) return undefined
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done)
      outgoing.off('close', done)
      resolve()
    }
    outgoing.on('drain', done)
    outgoing.on('close', done)
  })
}
