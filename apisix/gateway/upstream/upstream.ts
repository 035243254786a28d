import type { Body, Exchange, Reply } from '../http/exchange.ts'
import { type Transport, UpstreamFailure } from './transport.ts'

export type Node = {
  readonly transport: Transport
  readonly weight: number
  /** Higher is tried first; lower ones only when every higher one failed or is unhealthy. */
  readonly priority: number
  /** Kept by the health checks. */
  isHealthy: boolean
}

/** Chooses the next node, of those not tried yet; `null` when none is left. */
export type PickNode = (tried: readonly Node[]) => Node | null

/** A group of equal nodes. `send` rejects with an `UpstreamFailure` when none of them answered. */
export type Upstream = {
  readonly id: string
  send(exchange: Exchange, body: Body): Promise<Reply>
}

type Options = {
  readonly id: string
  readonly pick: PickNode
  readonly triesMax: number
  readonly readMs: number
}

export function createUpstream({ id, pick, triesMax, readMs }: Options): Upstream {
  async function send(exchange: Exchange, body: Body, tried: Node[] = []): Promise<Reply> {
    const node = pick(tried)
    if (node === null) throw new UpstreamFailure('unreachable', { node: id })
    const { method, upstreamPath: path, fields } = exchange
    try {
      return await node.transport.send({ method, path, fields, body, readMs, exchange })
    } catch (error) {
      if (tried.length + 1 >= triesMax || !mayRetry(exchange, body, error)) throw error
      return send(exchange, body, [...tried, node])
    }
  }
  return { id, send: (exchange, body) => send(exchange, body) }
}

/** Requests that may be sent twice: nginx's list, which leaves out POST and PATCH. */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])

/** A stream cannot be sent twice, and a client that has left needs no answer. */
function mayRetry(exchange: Exchange, body: Body, error: unknown): boolean {
  if (!(error instanceof UpstreamFailure) || exchange.isGone) return false
  if (body !== null && !(body instanceof Uint8Array)) return false
  return error.kind === 'unreachable' || repeatable.has(exchange.method)
}

/** nginx's smooth weighted round robin: 5:1:1 gives a a b a c a a, never aaaaa b c. */
export function roundRobin(nodes: readonly Node[]): PickNode {
  const only = nodes.length === 1 ? nodes[0] : undefined
  if (only !== undefined) return (tried) => (tried.length === 0 ? only : null)
  const current = new Map(nodes.map((node) => [node, 0]))
  return (tried) => {
    const candidates = usable(nodes, tried)
    const total = candidates.reduce((sum, node) => sum + node.weight, 0)
    let best: Node | null = null
    for (const node of candidates) {
      const value = (current.get(node) ?? 0) + node.weight
      current.set(node, value)
      if (best === null || value > (current.get(best) ?? 0)) best = node
    }
    if (best !== null) current.set(best, (current.get(best) ?? 0) - total)
    return best
  }
}

/** When every node is unhealthy, all are used: a wrong check must not take the service away. */
function usable(nodes: readonly Node[], tried: readonly Node[]): Node[] {
  const weighted = nodes.filter((node) => node.weight > 0)
  const healthy = weighted.filter((node) => node.isHealthy)
  const left = (healthy.length > 0 ? healthy : weighted).filter((node) => !tried.includes(node))
  const priority = Math.max(...left.map((node) => node.priority))
  return left.filter((node) => node.priority === priority)
}
