import type { Fields } from './fields.ts'
import { isPlainField, LeanHeaders, standIn } from './lean-headers.ts'

/**
 * Every real `Response` makes a stream for its body, even for a text of ten bytes; building and
 * reading it is more than half of what an in-process call costs. A `LeanResponse` keeps the text
 * and gives it to the gateway as it is. Unusual arguments make a real response.
 */
type LeanParts = { status: number; fields: Fields; body: string | Uint8Array | null }

type BodyInit = ConstructorParameters<typeof Response>[0]

const RealResponse = globalThis.Response

let installed = 0

/** Makes every later `new Response` of this process a lean one, until all that have installed it are disposed. */
export function installLeanResponse(): Disposable {
  installed += 1
  globalThis.Response = LeanResponse as unknown as typeof Response
  return {
    [Symbol.dispose]() {
      installed -= 1
      if (installed === 0) globalThis.Response = RealResponse
    },
  }
}

/** Returns `null` for a real response, and for a lean one that had to build its real object. */
export function readLeanResponse(response: Response): LeanParts | null {
  return response.constructor === LeanResponse
    ? (response as unknown as LeanResponse).leanParts
    : null
}

class LeanResponse {
  readonly #body: LeanParts['body']
  readonly #status: number
  readonly #headers: LeanHeaders
  #real: Response | null = null

  constructor(body?: BodyInit, init?: ResponseInit) {
    const status = init?.status ?? 200
    const fields = isPlainBody(body, status) ? readFields(body, init) : null
    this.#body = fields === null ? null : ((body ?? null) as LeanParts['body'])
    this.#status = status
    this.#headers = new LeanHeaders(fields ?? [], false)
    // biome-ignore lint/correctness/noConstructorReturn: `new Response(stream)` must be a real one
    if (fields === null) return new RealResponse(body, init) as unknown as LeanResponse
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof RealResponse
  }

  get leanParts(): LeanParts | null {
    if (this.#real !== null) return null
    const fields = this.#headers.leanFields
    return { status: this.#status, fields: fields ?? [...this.#headers].flat(), body: this.#body }
  }

  get status(): number {
    return this.#status
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status < 300
  }

  get headers(): LeanHeaders | Headers {
    return this.#real === null ? this.#headers : this.#real.headers
  }

  real(): Response {
    this.#real ??= new RealResponse(this.#body as BodyInit, {
      status: this.#status,
      headers: this.#headers.real(),
    })
    return this.#real
  }
}

const nullBodyStatuses = new Set([101, 204, 205, 304])

function isPlainBody(body: unknown, status: number): body is string | Uint8Array | null {
  if (!Number.isInteger(status) || status < 200 || status > 599) return false
  if (body === null || body === undefined) return true
  return (typeof body === 'string' || body instanceof Uint8Array) && !nullBodyStatuses.has(status)
}

/** Returns `null` where the real constructor has to normalise or refuse the headers. */
function readFields(body: LeanParts['body'], init: ResponseInit | undefined): Fields | null {
  if (init?.statusText !== undefined && init.statusText !== '') return null
  const fields: Fields = []
  for (const [name, value] of entriesOf(init?.headers)) {
    if (!isPlainField(name, value)) return null
    fields.push(name.toLowerCase(), value)
  }
  if (typeof body === 'string' && !fields.includes('content-type')) {
    fields.push('content-type', 'text/plain;charset=UTF-8')
  }
  return fields
}

function entriesOf(
  headers: ResponseInit['headers'],
): Iterable<readonly unknown[] & [string, unknown]> {
  if (headers === undefined) return []
  return Symbol.iterator in headers
    ? (headers as Iterable<[string, unknown]>)
    : Object.entries(headers)
}

standIn(LeanResponse, RealResponse)
Object.setPrototypeOf(LeanResponse, RealResponse)
