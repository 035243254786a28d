import { loadGatewayFile } from '@ego/gateway/file/load'
import type { Exchange } from '@ego/gateway/http/exchange'
import { createMatcher } from '@ego/gateway/routing/match'
import { realFile } from './wire-platform.ts'

const { routes } = await loadGatewayFile(realFile, {})
const match = createMatcher(routes.map((settings) => ({ settings, value: settings })))

export type RoutePath = { id: string; service: string; method: string; path: string }

/** Every path in apisix.yaml, so that routes added later are tested without being listed here. */
export const routePaths: readonly RoutePath[] = routes.flatMap((route) => {
  const { id, service_id: service = 'gateway', methods: [method = 'GET'] = [] } = route
  const uris = [...(route.uris ?? []), ...(route.uri === undefined ? [] : [route.uri])]
  return uris.map((uri) => ({ id, service, method, path: aPathOf(uri) }))
})

export const rewritten = new Set(
  routes.filter(({ plugins }) => plugins?.['proxy-rewrite'] !== undefined).map(({ id }) => id),
)

/** Finds the route for a path in apisix.yaml, with its service. */
export function findRoute(path: string, method = 'GET'): { id: string; service: string } | null {
  // Enough of a request for the routes of the file, which ask for a path and a method only.
  const found = match({ path, method, host: 'x' } as Exchange)
  return found && { id: found.id, service: found.service_id ?? 'gateway' }
}

function aPathOf(uri: string): string {
  return uri.replaceAll(/:\w+/g, '7').replace('*', 'x')
}
