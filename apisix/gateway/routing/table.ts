import type { GatewayFile, PluginMap } from '../file/schema.ts'
import type { PluginContext, PluginSteps, Step } from '../plugins/plugin.ts'
import type { Node, Upstream } from '../upstream/upstream.ts'
import { createMatcher, type Matcher } from './match.ts'
import { createUpstreams } from './upstreams.ts'

/** Everything a request needs to know about its route, decided when the file was read. */
export type Route = {
  readonly id: string
  readonly upstream: Upstream | null
  /** Every plugin step in its final order: nothing is looked up or sorted per request. */
  readonly steps: readonly Step[]
  readonly headerFilters: readonly NonNullable<PluginSteps['headerFilter']>[]
  readonly logs: readonly NonNullable<PluginSteps['log']>[]
}

export type Table = Disposable & {
  readonly match: Matcher<Route>
  /** For requests that match no route: global rules run for them too. */
  readonly unmatched: Route
  readonly gauges: () => Record<string, number>
}

/** Starts the health checks, too; disposing ends them. */
export function createTable(file: GatewayFile, context: PluginContext): Table {
  const upstreams = createUpstreams(file, context.transportTo)
  const global = file.global_rules.flatMap((rule) =>
    createPlugins(rule.plugins, `global_rules/${rule.id}`, context),
  )
  const routes = file.routes.map((settings) => {
    const { id, host } = settings
    const service = file.services.find((each) => each.id === settings.service_id)
    // A route's plugin replaces its service's of the same name; they are never merged.
    const map = { ...service?.plugins, ...settings.plugins }
    const own = createPlugins(map, `routes/${id}`, context)
    const hosts = settings.hosts ?? (host === undefined ? service?.hosts : [host])
    return {
      settings: { ...settings, hosts },
      value: createRoute(id, upstreams.find(settings), global, own),
    }
  })
  const match = createMatcher(routes)
  const unmatched = createRoute('', null, global, [])
  const nodes = upstreams.nodes()
  // Last, so that an error above leaves no check running.
  const checks = upstreams.startChecks(context.log)
  return {
    match,
    unmatched,
    gauges: () => healthGauges(nodes),
    [Symbol.dispose]: () => checks[Symbol.dispose](),
  }
}

type Instance = PluginSteps & {
  readonly name: string
  readonly prefersRoute: boolean
  readonly priority: number
}

/** The plugins of one place, highest priority first. */
function createPlugins(map: PluginMap, place: string, context: PluginContext): Instance[] {
  return Object.values(map)
    .filter((configured) => configured !== undefined)
    .filter(({ meta }) => !meta.disable)
    .map(({ plugin, meta, settings }) => {
      const { name, prefersRoute = false } = plugin
      const own = `${place}/${name}/${JSON.stringify(settings)}`
      const keep: PluginContext['keep'] = (what, create) => context.keep(`${own}/${what}`, create)
      const steps = plugin.create(settings, { ...context, keep })
      return { ...steps, name, prefersRoute, priority: meta.priority ?? plugin.priority }
    })
    .toSorted((a, b) => b.priority - a.priority)
}

/** APISIX since 3.17: rewrite of the global rules, of the route, then access in the same order. */
function createRoute(
  id: string,
  upstream: Upstream | null,
  global: readonly Instance[],
  own: readonly Instance[],
): Route {
  const isSilenced = ({ name, prefersRoute }: Instance) =>
    prefersRoute && own.some((instance) => instance.name === name)
  const chain = [...global.filter((instance) => !isSilenced(instance)), ...own]
  const phase = <K extends keyof PluginSteps>(name: K) =>
    chain.map((instance) => instance[name]).filter((step) => step !== undefined)
  return {
    id,
    upstream,
    steps: [...phase('rewrite'), ...phase('access')],
    headerFilters: phase('headerFilter'),
    logs: phase('log'),
  }
}

function healthGauges(nodes: readonly Node[]): Record<string, number> {
  return Object.fromEntries(
    nodes.map(({ transport, isHealthy }) => [
      `apisix_upstream_status{node="${transport.name}"}`,
      isHealthy ? 1 : 0,
    ]),
  )
}
