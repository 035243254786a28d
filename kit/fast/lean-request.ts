import { Readable } from 'node:stream'
import type { Fields } from './fields.ts'
import { LeanHeaders, standIn } from './lean-headers.ts'

type Body = null | Uint8Array | Readable

/**
 * A `Request` costs 5 µs to build, most of it for headers that the service never reads. This one
 * answers `method`, `url` and `headers` from what is there and builds the real object only when
 * something else is asked. It passes `instanceof`. `new Request(lean)` throws, because undici
 * reads its own private fields; `lean.clone()` works.
 */
export function createLeanRequest(
  method: string,
  url: string,
  fields: Fields,
  body: Body,
  makeAbort: () => AbortController,
): Request {
  const request = new LeanRequest(method, url, fields, body, makeAbort)
  // Hono's body limit wraps a streamed body with `new Request(request, …)`, which needs a real one.
  if (body instanceof Readable) return request.real()
  return request as unknown as Request
}

class LeanRequest {
  readonly method: string
  readonly url: string
  readonly #fields: Fields
  readonly #body: Body
  readonly #makeAbort: () => AbortController
  #headers: LeanHeaders | null = null
  #real: Request | null = null
  #isRead = false

  constructor(
    method: string,
    url: string,
    fields: Fields,
    body: Body,
    makeAbort: () => AbortController,
  ) {
    this.method = method
    this.url = url
    this.#fields = fields
    this.#body = body
    this.#makeAbort = makeAbort
  }

  get headers(): LeanHeaders {
    this.#headers ??= new LeanHeaders(this.#fields, true)
    return this.#headers
  }

  get signal(): AbortSignal {
    return this.#makeAbort().signal
  }

  /** Most bodies are read once and whole; the real request would first make a stream of them. */
  async arrayBuffer(): Promise<ArrayBuffer> {
    const isOurs = this.#real === null && this.#body instanceof Uint8Array
    if (!isOurs) return this.real().arrayBuffer()
    if (this.#isRead) throw new TypeError('The body was read before.')
    this.#isRead = true
    return new Uint8Array(this.#body).buffer
  }

  get bodyUsed(): boolean {
    return this.#isRead || this.#real?.bodyUsed === true
  }

  real(): Request {
    this.#real ??= new Request(this.url, {
      method: this.method,
      headers: this.headers.real(),
      signal: this.signal,
      ...requestBody(this.#body),
    })
    return this.#real
  }
}

function requestBody(body: Body): RequestInit {
  if (body === null) return {}
  if (body instanceof Readable) return { body: Readable.toWeb(body), duplex: 'half' }
  return { body: new Uint8Array(body) }
}

standIn(LeanRequest, Request)
