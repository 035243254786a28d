import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Fields } from '@ego/kit/http/fast/fields'

/** One request on its way through the gateway: what the client asked, and what plugins made of it. */
export type Exchange = {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly startedAt: number
  /** The peer's address: never a header, so it cannot be forged. */
  readonly clientAddress: string
  readonly serverPort: number
  readonly host: string
  /** Canonical and decoded; what routes match. */
  readonly path: string
  readonly query: string
  routeId: string
  /** proxy-rewrite may change these three; they go upstream. */
  method: string
  upstreamPath: string
  readonly fields: Fields
  /** Set on whatever answer leaves, also on a refusal. */
  readonly replyFields: Fields
  /** Empty until the request-id plugin, or a problem, gives it one. */
  requestId: string
  /** Whom forward-auth's answer named; empty where nobody was asked. Never the client's word. */
  userId: string
  /** 0: no limit. */
  bodyBytesMax: number
  /**
   * Answers the refusal of a request that may not pass any more. Called when its body has ended: what is held open must
   * not outlive the session that it was begun with.
   */
  confirm: () => undefined | Promise<Reply | undefined>
  /** Why the body stopped flowing before its end, once it has. */
  bodyFailure: BodyFailure | null
  /** The answer of a body that failed as `refused`. */
  refusal: Reply | null
  /** The client said `Expect: 100-continue` and still waits. */
  awaitsContinue: boolean
  /** Stops the upstream when the client leaves. */
  abort: AbortController | null
  isGone: boolean
  upstreamMs: number
}

export type BodyFailure = 'too_large' | 'client_gone' | 'refused'

/** The body to send upstream: nothing, a small one read whole, or the client's stream. */
export type Body = null | Uint8Array | import('node:stream').Readable

/** An answer's body that is still arriving. */
export type BodySource = {
  /** The whole body if it is there at once, else `null`: then `writeTo` streams it. */
  readWhole(): Promise<Uint8Array | null>
  /** Writes what remains and ends the response; rejects when the source breaks off. */
  writeTo(outgoing: ServerResponse): Promise<void>
  /** Nobody will read the rest. */
  cancel(): void
}

export type Reply = {
  status: number
  fields: Fields
  body: null | string | Uint8Array | BodySource
}
