import type { Fields } from '@ego/kit/fast/fields'
import type { Body, Exchange, Reply } from '../http/exchange.ts'

/** One request to one node. */
export type Call = {
  readonly method: string
  readonly path: string
  readonly fields: Fields
  readonly body: Body
  /** How long the node may stay silent. */
  readonly readMs: number
  /** Stops the call when its client leaves. `null` for calls without a client. */
  readonly exchange: Exchange | null
}

/** Sends a call to one node; rejects with an `UpstreamFailure` and nothing else. */
export type Transport = {
  readonly name: string
  /** Behind a socket, not in this process. */
  readonly isRemote: boolean
  send(call: Call): Promise<Reply>
}

export type ConnectionLimits = {
  readonly connectionsMax: number
  readonly connectMs: number
  /** How long an idle connection is kept, unless the node itself names another time. */
  readonly keepAliveMs: number
}

/** Reaches a node by its URL: in the same process if it is wired there, else over HTTP. */
export type TransportTo = (url: URL, limits: ConnectionLimits) => Transport

/**
 * `unreachable`: nothing was sent, so trying another node is always safe. `broken`: the node may
 * have begun to work. `timeout`: it did not answer in time.
 */
export class UpstreamFailure extends Error {
  readonly kind: 'unreachable' | 'broken' | 'timeout'

  constructor(kind: UpstreamFailure['kind'], options: { node: string; cause?: unknown }) {
    super(`Node ${options.node}: ${kind}.`, { cause: options.cause })
    this.name = 'UpstreamFailure'
    this.kind = kind
  }
}
