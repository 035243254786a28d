import type { ServerResponse } from 'node:http'
import type { Fields } from '@ego/kit/http/fast/fields'
import { type Dispatcher, errors, Pool } from 'undici'
import type { BodySource, Reply } from '../http/exchange.ts'
import { isHopByHop } from '../http/hop-by-hop.ts'
import { type Call, type Transport, UpstreamFailure } from './transport.ts'

export type PoolLimits = {
  readonly connectionsMax: number
  readonly connectMs: number
  /** How long an idle connection is kept, unless the node itself names another time. */
  readonly keepAliveMs: number
}

/** One pool of connections per origin and limits, shared by everything that calls it. */
export type Pools = {
  to(origin: string, limits: PoolLimits): Transport
  [Symbol.asyncDispose](): Promise<void>
}

export function createPools(): Pools {
  const pools = new Map<string, { pool: Pool; transport: Transport }>()
  return {
    to(origin, { connectionsMax, connectMs, keepAliveMs }) {
      const key = `${origin} ${connectionsMax} ${connectMs} ${keepAliveMs}`
      const known = pools.get(key)
      if (known !== undefined) return known.transport
      const pool = new Pool(origin, {
        connections: connectionsMax,
        connectTimeout: connectMs,
        keepAliveTimeout: keepAliveMs,
        allowH2: false,
      })
      const transport = httpTransport(new URL(origin).host, pool)
      pools.set(key, { pool, transport })
      return transport
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...pools.values()].map(({ pool }) => pool.destroy()))
    },
  }
}

function httpTransport(node: string, pool: Pool): Transport {
  return {
    name: node,
    isRemote: true,
    send: (call) =>
      new Promise((resolve, reject) => {
        const receiver = new Receiver(node, call, resolve, reject)
        pool.dispatch(
          {
            path: call.path,
            method: call.method,
            headers: call.fields,
            body: call.body,
            headersTimeout: call.readMs,
            bodyTimeout: call.readMs,
          },
          receiver,
        )
      }),
  }
}

/**
 * Takes one response from undici and holds it back until somebody reads it. It is also the body's
 * source, so that between the two sockets lies one object and no intermediate stream.
 */
class Receiver implements Dispatcher.DispatchHandler, BodySource {
  readonly #node: string
  readonly #call: Call
  readonly #resolve: (reply: Reply) => void
  readonly #reject: (failure: UpstreamFailure) => void
  #controller: Dispatcher.DispatchController | null = null
  #outgoing: ServerResponse | null = null
  #finish: { resolve: () => void; reject: (error: Error) => void } | null = null
  #outcome: 'ended' | Error | null = null

  constructor(
    node: string,
    call: Call,
    resolve: (reply: Reply) => void,
    reject: (failure: UpstreamFailure) => void,
  ) {
    this.#node = node
    this.#call = call
    this.#resolve = resolve
    this.#reject = reject
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    const { exchange } = this.#call
    if (exchange === null) return
    const leave = () => controller.abort(new Error('The client has left.'))
    exchange.abort ??= new AbortController()
    if (exchange.isGone) leave()
    exchange.abort.signal.addEventListener('abort', leave, { once: true })
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return
    controller.pause()
    this.#resolve({ status, fields: readFields(controller.rawHeaders), body: this })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#outgoing === null || this.#outgoing.destroyed) return
    if (!this.#outgoing.write(chunk)) {
      controller.pause()
      this.#outgoing.once('drain', () => controller.resume())
    }
  }

  onResponseEnd(): void {
    this.#outcome = 'ended'
    this.#outgoing?.end()
    this.#finish?.resolve()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#outcome = error
    this.#reject(failureOf(this.#node, error))
    this.#finish?.reject(error)
  }

  readWhole(): Promise<null> {
    return Promise.resolve(null)
  }

  writeTo(outgoing: ServerResponse): Promise<void> {
    if (this.#outcome instanceof Error) return Promise.reject(this.#outcome)
    this.#outgoing = outgoing
    return new Promise((resolve, reject) => {
      this.#finish = { resolve, reject }
      this.#controller?.resume()
    })
  }

  /** Lets the rest flow into nothing: the connection stays good for the next request. */
  cancel(): void {
    if (this.#outcome !== null) return
    this.#outgoing = null
    this.#controller?.resume()
  }
}

function readFields(raw: Dispatcher.DispatchController['rawHeaders']): Fields {
  const fields: Fields = []
  if (!Array.isArray(raw)) return fields
  for (let i = 0; i < raw.length; i += 2) {
    const name = text(raw[i]).toLowerCase()
    if (!isHopByHop(name)) fields.push(name, text(raw[i + 1]))
  }
  return fields
}

function text(part: Buffer | string | undefined): string {
  return typeof part === 'string' ? part : (part?.toString('latin1') ?? '')
}

const unreachableCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
])

function failureOf(node: string, error: Error & { code?: string }): UpstreamFailure {
  const kind =
    error instanceof errors.ConnectTimeoutError || unreachableCodes.has(error.code ?? '')
      ? 'unreachable'
      : error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError
        ? 'timeout'
        : 'broken'
  return new UpstreamFailure(kind, { node, cause: error })
}
