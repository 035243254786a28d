import type { Logger } from 'pino'
import { startChecks } from './health.ts'
import { createMatcher, type Matcher } from './match.ts'
import type { PluginContext, PluginSteps, Step } from './plugin.ts'
import { plugins } from './plugins/registry.ts'
import type { GatewayFile, PluginMap, PluginSettings, RouteSettings } from './schema.ts'
import type { UpstreamSettings } from './schema-upstream.ts'
import { createUpstream, type Node, type Upstream } from './upstream.ts'

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

export type CompileContext = Omit<PluginContext, 'keep'> & {
  readonly keep: <T>(name: string, create: () => T) => T
}

/** nginx's defaults, where a route and its upstream say nothing. */
const TIMEOUT_SECONDS = { connect: 60, send: 60, read: 60 }
const CONNECTIONS_MAX = 320

export function compile(file: GatewayFile, context: CompileContext): Table {
  const checks: Disposable[] = []
  const nodes: Node[] = []
  const global = file.global_rules.flatMap((rule) =>
    build(rule.plugins as PluginMap, `global_rules/${rule.id}`, context),
  )
  const makeUpstream = (id: string, settings: UpstreamSettings, timeout = settings.timeout) => {
    const own = createNodes(settings, context)
    nodes.push(...own)
    if (settings.checks !== undefined) checks.push(check(own, settings, context.log))
    const { read } = timeout ?? TIMEOUT_SECONDS
    return createUpstream({ id, nodes: own, retries: settings.retries, readMs: read * 1000 })
  }
  const findUpstream = createUpstreamFinder(file, makeUpstream)
  const routes = file.routes.map((settings) => {
    const service = file.services.find(({ id }) => id === settings.service_id)
    // A route's plugin takes the place of its service's of the same name; they are never merged.
    const own = { ...service?.plugins, ...settings.plugins } as PluginMap
    const value = createRoute(
      settings.id,
      findUpstream(settings),
      global,
      build(own, `routes/${settings.id}`, context),
    )
    return {
      settings: { ...settings, hosts: settings.hosts ?? hostsOf(settings, service?.hosts) },
      value,
    }
  })
  return {
    match: createMatcher(routes as { settings: RouteSettings; value: Route }[]),
    unmatched: createRoute('', null, global, []),
    gauges: () => healthGauges(nodes),
    [Symbol.dispose]() {
      for (const each of checks) each[Symbol.dispose]()
    },
  }
}

function hostsOf(route: RouteSettings, ofService: string[] | undefined): string[] | undefined {
  return route.host === undefined ? ofService : [route.host]
}

type Instance = PluginSteps & { readonly name: string; readonly prefersRoute: boolean }

/** The plugins of one place, highest priority first; `_meta.priority` speaks before the default. */
function build(map: PluginMap, place: string, context: CompileContext): Instance[] {
  return Object.entries(map)
    .filter((entry): entry is [string, PluginSettings] => entry[1]?.meta.disable === false)
    .map(([name, { meta, settings }]) => {
      const plugin = plugins.get(name)
      if (plugin === undefined) throw new Error(`Plugin ${name} passed the schema but has no code.`)
      const own = `${place}/${name}/${JSON.stringify(settings)}`
      const keep: CompileContext['keep'] = (what, create) => context.keep(`${own}/${what}`, create)
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

type MakeUpstream = (
  id: string,
  settings: UpstreamSettings,
  timeout?: UpstreamSettings['timeout'],
) => Upstream

/** A route's upstream, else its service's. Upstreams with an id are made once and shared. */
function createUpstreamFinder({ upstreams, services }: GatewayFile, make: MakeUpstream) {
  const shared = new Map(upstreams.map((settings) => [settings.id, make(settings.id, settings)]))
  return (route: RouteSettings): Upstream | null => {
    const service = services.find(({ id }) => id === route.service_id)
    const source = route.upstream ?? route.upstream_id ?? service?.upstream ?? service?.upstream_id
    if (source === undefined) return null
    if (typeof source !== 'string') return make(`routes/${route.id}`, source, route.timeout)
    const settings = upstreams.find(({ id }) => id === source)
    if (route.timeout !== undefined && settings !== undefined) {
      return make(
        settings.id,
        { ...settings, checks: undefined } as UpstreamSettings,
        route.timeout,
      )
    }
    return shared.get(source) ?? null
  }
}

function createNodes(settings: UpstreamSettings, { transportTo }: CompileContext): Node[] {
  const connectMs = (settings.timeout ?? TIMEOUT_SECONDS).connect * 1000
  return settings.nodes.map(({ host, port, weight, priority }) => ({
    transport: transportTo(new URL(`http://${host}:${port}`), {
      connectionsMax: CONNECTIONS_MAX,
      connectMs,
    }),
    weight,
    priority,
    isHealthy: true,
  }))
}

/** A node in this process needs no check: if it were gone, so would be the gateway. */
function check(nodes: readonly Node[], settings: UpstreamSettings, log: Logger): Disposable {
  const remote = nodes.filter(({ transport }) => transport.isRemote)
  if (settings.checks === undefined) return { [Symbol.dispose]: () => undefined }
  return startChecks(remote, settings.checks.active, log)
}

function healthGauges(nodes: readonly Node[]): Record<string, number> {
  return Object.fromEntries(
    nodes.map(({ transport, isHealthy }) => [
      `apisix_upstream_status{node="${transport.name}"}`,
      isHealthy ? 1 : 0,
    ]),
  )
}
