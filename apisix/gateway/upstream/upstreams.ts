import type { GatewayFile, RouteSettings } from '../file/schema.ts'
import type { PluginContext } from '../plugins/plugin.ts'
import { type ActiveCheck, startChecks } from './health.ts'
import type { UpstreamSettings } from './schema.ts'
import { createUpstream, type Node, type Upstream } from './upstream.ts'
import { findUpstreamSettings, timeoutOf } from './upstream-settings.ts'

/** The upstreams that routes use; each is made once, with one health, for all routes that share it. */
export type Upstreams = {
  find(route: RouteSettings): Upstream | null
  nodes(): readonly Node[]
  startChecks(): Disposable
}

type Made = {
  readonly upstream: Upstream
  readonly nodes: readonly Node[]
  readonly check: ActiveCheck | undefined
}

const connectionsPerNode = 320
const keepAliveMs = 30_000

export function createUpstreams(file: GatewayFile, context: PluginContext): Upstreams {
  const made = new Map<UpstreamSettings, Made>()

  function make(id: string, settings: UpstreamSettings): Made {
    const nodes = createNodes(settings, context)
    const readMs = timeoutOf(settings).read * 1000
    const upstream = createUpstream({ id, nodes, retries: settings.retries, readMs })
    return { upstream, nodes, check: settings.checks?.active }
  }

  return {
    find(route) {
      const found = findUpstreamSettings(route, file)
      if (found === null) return null
      const known = made.get(found.settings) ?? make(found.id, found.settings)
      made.set(found.settings, known)
      const { upstream } = known
      return route.timeout === undefined ? upstream : upstream.withReadMs(route.timeout.read * 1000)
    },
    nodes: () => [...made.values()].flatMap(({ nodes }) => nodes),
    startChecks() {
      const started = new DisposableStack()
      for (const { nodes, check } of made.values()) {
        // A node in this process needs no check: if it were gone, so would be the gateway.
        const remote = nodes.filter(({ transport }) => transport.isRemote)
        if (check !== undefined) started.use(startChecks(remote, check, context.log))
      }
      return started
    },
  }
}

function createNodes(settings: UpstreamSettings, { transportTo }: PluginContext): Node[] {
  const limits = {
    connectionsMax: connectionsPerNode,
    connectMs: timeoutOf(settings).connect * 1000,
    keepAliveMs,
  }
  return settings.nodes.map(({ host, port, weight, priority }) => ({
    transport: transportTo(new URL(`http://${host}:${port}`), limits),
    weight,
    priority,
    isHealthy: true,
  }))
}
