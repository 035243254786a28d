import type { GatewayFile, PluginMap, PluginSettings, RouteSettings } from '../file/schema.ts'
import type { PluginContext, PluginSteps, Step } from '../plugins/plugin.ts'
import { plugins } from '../plugins/registry.ts'
import type { Node, Upstream } from '../upstream/upstream.ts'
import { createUpstreams } from '../upstream/upstreams.ts'
import { createMatcher, type Matcher } from './match.ts'

/** Everything a request needs to know about its route, decided when the file was read. */
export type Route = {
  readonly id: string
  readonly upstream: Upstream | null
  /** Every plugin step in its final order: nothing is looked up or sorted per request. */
  readonly steps: readonly Step[]
  readonly headerFilters: readonly NonNullable<PluginSteps['headerFilter']>[]
  readonly logs: readonly NonNullable<PluginSteps['log']>[]
}

export type Table = {
  readonly match: Matcher<Route>
  /** For requests that no route takes: global rules run for them too. */
  readonly unmatched: Route
  readonly gauges: () => Record<string, number>
  /** Ends the health checks. */
  [Symbol.dispose](): void
}

export function compile(file: GatewayFile, context: PluginContext): Table {
  const upstreams = createUpstreams(file, context)
  const global = file.global_rules.flatMap((rule) =>
    build(rule.plugins, `global_rules/${rule.id}`, context),
  )
  const routes = file.routes.map((settings) => {
    const service = file.services.find(({ id }) => id === settings.service_id)
    // A route's plugin takes the place of its service's of the same name; they are never merged.
    const map = { ...service?.plugins, ...settings.plugins }
    const own = build(map, `routes/${settings.id}`, context)
    const hosts = settings.hosts ?? hostsOf(settings, service?.hosts)
    return {
      settings: { ...settings, hosts },
      value: createRoute(settings.id, upstreams.find(settings), global, own),
    }
  })
  const match = createMatcher(routes)
  const unmatched = createRoute('', null, global, [])
  const nodes = upstreams.nodes()
  // Last: whatever throws above leaves nothing running behind.
  const checks = upstreams.startChecks()
  return {
    match,
    unmatched,
    gauges: () => healthGauges(nodes),
    [Symbol.dispose]: () => checks[Symbol.dispose](),
  }
}

function hostsOf(route: RouteSettings, ofService: string[] | undefined): string[] | undefined {
  return route.host === undefined ? ofService : [route.host]
}

type Instance = PluginSteps & { readonly name: string; readonly prefersRoute: boolean }

/** The plugins of one place, highest priority first; `_meta.priority` speaks before the default. */
function build(map: PluginMap, place: string, context: PluginContext): Instance[] {
  return Object.entries(map)
    .filter((entry): entry is [string, PluginSettings] => entry[1]?.meta.disable === false)
    .map(([name, { meta, settings }]) => {
      const plugin = plugins.get(name)
      if (plugin === undefined) throw new Error(`Plugin ${name} passed the schema but has no code.`)
      const own = `${place}/${name}/${JSON.stringify(settings)}`
      const keep: PluginContext['keep'] = (what, create) => context.keep(`${own}/${what}`, create)
      const instance: Instance = {
        ...plugin.create(settings, { ...context, keep }),
        name,
        prefersRoute: plugin.prefersRoute === true,
      }
      return { priority: meta.priority ?? plugin.priority, instance }
    })
    .toSorted((a, b) => b.priority - a.priority)
    .map(({ instance }) => instance)
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
