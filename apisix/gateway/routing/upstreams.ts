import type { Logger } from 'pino'
import type { GatewayFile, RouteSettings } from '../file/schema.ts'
import { findUpstreamOfRoute } from '../file/upstream-of-route.ts'
import { startChecks } from '../upstream/health.ts'
import type { ActiveCheck, UpstreamSettings } from '../upstream/schema.ts'
import type { TransportTo } from '../upstream/transport.ts'
import {
  createUpstream,
  type Node,
  type PickNode,
  roundRobin,
  type Upstream,
} from '../upstream/upstream.ts'

/** The upstreams that routes use. Routes that share one share its nodes, their health and turns. */
type Upstreams = {
  find(route: RouteSettings): Upstream | null
  nodes(): readonly Node[]
  startChecks(log: Logger): Disposable
}

type Group = {
  readonly nodes: readonly Node[]
  readonly pick: PickNode
  readonly check: ActiveCheck | undefined
}

export function createUpstreams(file: GatewayFile, transportTo: TransportTo): Upstreams {
  const groups = new Map<UpstreamSettings, Group>()

  function groupOf(settings: UpstreamSettings): Group {
    const known = groups.get(settings)
    if (known !== undefined) return known
    const nodes = createNodes(settings, transportTo)
    const group = { nodes, pick: roundRobin(nodes), check: settings.checks?.active }
    groups.set(settings, group)
    return group
  }

  return {
    find(route) {
      const found = findUpstreamOfRoute(route, file)
      if (found === null) return null
      const { id, settings } = found
      const { nodes, pick } = groupOf(settings)
      const triesMax = Math.min(nodes.length, 1 + (settings.retries ?? nodes.length - 1))
      const { read } = route.timeout ?? settings.timeout
      return createUpstream({ id, pick, triesMax, readMs: read * 1000 })
    },
    nodes: () => [...groups.values()].flatMap(({ nodes }) => nodes),
    startChecks(log) {
      const started = new DisposableStack()
      for (const { nodes, check } of groups.values()) {
        // A node in this process needs no check: it cannot be gone while the gateway runs.
        const remote = nodes.filter(({ transport }) => transport.isRemote)
        if (check !== undefined) started.use(startChecks(remote, check, log))
      }
      return started
    },
  }
}

const connectionsPerNode = 320
const keepAliveMs = 30_000

function createNodes({ nodes, timeout }: UpstreamSettings, transportTo: TransportTo): Node[] {
  const limits = {
    connectionsMax: connectionsPerNode,
    connectMs: timeout.connect * 1000,
    keepAliveMs,
  }
  return nodes.map(({ host, port, weight, priority }) => ({
    transport: transportTo(new URL(`http://${host}:${port}`), limits),
    weight,
    priority,
    isHealthy: true,
  }))
}
