import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Fields } from '@ego/kit/fast/fields'

/** One request on its way through the gateway: what the client asked, and what plugins made of it. */
export type Exchange = {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly startedAt: number
  /** The address of the peer. It comes from the socket, so it cannot be forged. */
  readonly clientAddress: string
  readonly serverPort: number
  readonly host: string
  /** Canonical and decoded; routes match it. */
  readonly path: string
  readonly query: string
  /** The body comes in chunks, without a length. */
  readonly isChunked: boolean
  routeId: string
  /** What goes upstream: proxy-rewrite may change these three. */
  method: string
  upstreamPath: string
  readonly fields: Fields
  /** Set on every answer, also on an error of the gateway. */
  readonly replyFields: Fields
  /** Empty until the request-id plugin, or a problem, sets it. */
  requestId: string
  /** The user that forward-auth's answer named, never a header of the client; empty without one. */
  userId: string
  /** 0: no limit. */
  bodyBytesMax: number
  /**
   * Asks again whether the request may pass, and resolves to the answer if it may not. Called at
   * the end of the body: a request that is held open must not outlive its session.
   */
  confirm: () => undefined | Promise<Reply | undefined>
  /** Why the body ended early, once it has. */
  bodyFailure: BodyFailure | null
  /** The answer to a body that failed as `refused`. */
  refusal: Reply | null
  /** The client sent `Expect: 100-continue` and still waits. */
  awaitsContinue: boolean
  /** Stops the upstream when the client leaves. Created by the first reader, for most need none. */
  abort: AbortController | null
  isGone: boolean
  upstreamMs: number
}

type BodyFailure = 'too_large' | 'client_gone' | 'refused'

/** The body to send upstream: none, a small one in memory, or a stream of the client's. */
export type Body = null | Uint8Array | Readable

export type Reply = {
  status: number
  fields: Fields
  body: null | string | Uint8Array | Readable
}

/** The controller that aborts when the client leaves. */
export function abortOf(exchange: Exchange): AbortController {
  exchange.abort ??= new AbortController()
  if (exchange.isGone) exchange.abort.abort()
  return exchange.abort
}
