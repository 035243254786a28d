import type { GatewayFile, RouteSettings } from './schema.ts'
import { findUpstreamOfRoute } from './upstream-of-route.ts'

type Report = (path: PropertyKey[], message: string) => void

/** What single values cannot show: ids that are used twice or by nothing, routes that lead nowhere. */
export function checkReferences(file: GatewayFile, report: Report): void {
  checkIds(file, report)
  checkUpstreamIds(file, report)
  file.routes.forEach((route, index) => {
    checkRoute(route, file, (path, message) => report(['routes', index, ...path], message))
  })
  checkGlobalPlugins(file, report)
}

function checkIds(file: GatewayFile, report: Report): void {
  for (const kind of ['routes', 'services', 'upstreams', 'global_rules'] as const) {
    const ids = file[kind].map(({ id }) => id)
    ids.forEach((id, index) => {
      if (ids.indexOf(id) < index) report([kind, index, 'id'], `the id ${id} is taken already`)
    })
  }
}

function checkUpstreamIds(file: GatewayFile, report: Report): void {
  for (const kind of ['routes', 'services'] as const) {
    file[kind].forEach(({ upstream_id: id }, index) => {
      if (id === undefined || file.upstreams.some((upstream) => upstream.id === id)) return
      report([kind, index, 'upstream_id'], `there is no upstream ${id}`)
    })
  }
}

function checkRoute(route: RouteSettings, file: GatewayFile, report: Report): void {
  const { id, service_id: serviceId, timeout, plugins = {} } = route
  const service = file.services.find((each) => each.id === serviceId)
  if (serviceId !== undefined && service === undefined) {
    report(['service_id'], `there is no service ${serviceId}`)
  }
  const named = [route.upstream, route.upstream_id, service?.upstream, service?.upstream_id]
  const isAnswered = Object.values(plugins).some((each) => each?.plugin.needsNoUpstream)
  if (!isAnswered && named.every((each) => each === undefined)) {
    report([], `route ${id} has no upstream`)
  }
  const connect = findUpstreamOfRoute(route, file)?.settings.timeout.connect
  // Connections belong to the upstream: a route that waits longer for one would need its own.
  if (timeout !== undefined && connect !== undefined && timeout.connect !== connect) {
    const message = `must be ${connect}, as in the upstream: this engine keeps one for all its routes`
    report(['timeout', 'connect'], message)
  }
}

/** APISIX removes a plugin from ALL global rules when two of them carry it. */
function checkGlobalPlugins({ global_rules: rules }: GatewayFile, report: Report): void {
  const seen = new Set<string>()
  rules.forEach(({ plugins }, index) => {
    for (const name of Object.keys(plugins)) {
      const message = 'another global rule has this plugin: APISIX would run neither'
      if (seen.has(name)) report(['global_rules', index, 'plugins', name], message)
      seen.add(name)
    }
  })
}
