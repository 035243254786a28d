import { findUpstreamSettings, timeoutOf } from '../upstream/upstream-settings.ts'
import type { GatewayFile, RouteSettings } from './schema.ts'

export type Contradiction = { readonly path: PropertyKey[]; readonly message: string }

/** What single values cannot show: names that nothing has, the same id twice, routes to nowhere. */
export function findContradictions(file: GatewayFile): Contradiction[] {
  return [
    ...findTwins('routes', file.routes),
    ...findTwins('services', file.services),
    ...findTwins('upstreams', file.upstreams),
    ...findTwins('global_rules', file.global_rules),
    ...findDanglingServices(file),
    ...findDanglingUpstreams(file),
    ...findRoutesToNowhere(file),
    ...findOtherConnects(file),
    ...findRepeatedGlobalPlugins(file),
  ]
}

function findTwins(kind: string, items: readonly { id: string }[]): Contradiction[] {
  return items.flatMap(({ id }, index) =>
    items.findIndex((item) => item.id === id) === index
      ? []
      : [{ path: [kind, index, 'id'], message: `the id ${id} is taken already` }],
  )
}

function findDanglingServices({ routes, services }: GatewayFile): Contradiction[] {
  return routes.flatMap(({ service_id: id }, index) =>
    id === undefined || services.some((service) => service.id === id)
      ? []
      : [{ path: ['routes', index, 'service_id'], message: `there is no service ${id}` }],
  )
}

function findDanglingUpstreams({ routes, services, upstreams }: GatewayFile): Contradiction[] {
  const groups = { routes, services }
  return Object.entries(groups).flatMap(([kind, items]) =>
    items.flatMap(({ upstream_id: id }, index) =>
      id === undefined || upstreams.some((upstream) => upstream.id === id)
        ? []
        : [{ path: [kind, index, 'upstream_id'], message: `there is no upstream ${id}` }],
    ),
  )
}

/** Plugins that answer by themselves, so that the route needs no upstream. */
const answering = ['redirect', 'fault-injection']

function findRoutesToNowhere(file: GatewayFile): Contradiction[] {
  return file.routes.flatMap((route, index) =>
    hasUpstream(route, file) || answering.some((name) => route.plugins?.[name] !== undefined)
      ? []
      : [{ path: ['routes', index], message: `route ${route.id} has no upstream` }],
  )
}

function hasUpstream(route: RouteSettings, { services }: GatewayFile): boolean {
  const service = services.find(({ id }) => id === route.service_id)
  return [route.upstream, route.upstream_id, service?.upstream, service?.upstream_id].some(
    (upstream) => upstream !== undefined,
  )
}

/** Connections belong to the upstream: a route that waits otherwise for one would need its own. */
function findOtherConnects(file: GatewayFile): Contradiction[] {
  return file.routes.flatMap((route, index) => {
    const upstream = findUpstreamSettings(route, file)
    if (route.timeout === undefined || upstream === null) return []
    const { connect } = timeoutOf(upstream.settings)
    if (route.timeout.connect === connect) return []
    const message = `must be ${connect}, as in the upstream: this engine keeps one for all its routes`
    return [{ path: ['routes', index, 'timeout', 'connect'], message }]
  })
}

/** APISIX drops a plugin from ALL global rules when two of them carry it. */
function findRepeatedGlobalPlugins({ global_rules: rules }: GatewayFile): Contradiction[] {
  const seen = new Set<string>()
  return rules.flatMap((rule, index) =>
    Object.keys(rule.plugins).flatMap((name) => {
      if (!seen.has(name)) {
        seen.add(name)
        return []
      }
      const message = 'another global rule has this plugin: APISIX would run neither'
      return [{ path: ['global_rules', index, 'plugins', name], message }]
    }),
  )
}
