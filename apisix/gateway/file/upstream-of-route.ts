import type { UpstreamSettings } from '../upstream/schema.ts'
import type { GatewayFile, RouteSettings } from './schema.ts'

type Found = { readonly id: string; readonly settings: UpstreamSettings }

/** Where a route's requests go: its own upstream, else its service's; `null` when neither names one. */
export function findUpstreamOfRoute(
  route: RouteSettings,
  { services, upstreams }: GatewayFile,
): Found | null {
  const service = services.find(({ id }) => id === route.service_id)
  if (route.upstream !== undefined) return { id: `routes/${route.id}`, settings: route.upstream }
  const id = route.upstream_id
  if (id === undefined && service?.upstream !== undefined) {
    return { id: `services/${service.id}`, settings: service.upstream }
  }
  const settings = upstreams.find((upstream) => upstream.id === (id ?? service?.upstream_id))
  return settings === undefined ? null : { id: settings.id, settings }
}
