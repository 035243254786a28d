import type { RouteSettings } from '../file/schema.ts'
import type { Exchange } from '../http/exchange.ts'
import { compileExpression } from '../variables/expression.ts'

export type Matcher<T> = (exchange: Exchange) => T | null

type Candidate<T> = {
  readonly value: T
  readonly uri: string
  readonly priority: number
  readonly methods: ReadonlySet<string> | null
  readonly hosts: readonly string[] | null
  /** Set where `:name` stands in the path. */
  readonly pattern: RegExp | null
  readonly holds: ((exchange: Exchange) => boolean) | null
}

/**
 * APISIX's order (radixtree_uri_with_parameter): an exact path before any other, then the longest
 * literal prefix. `priority` decides only among routes at the same place: `/users/:id` and
 * `/users/:id/avatar` share the place `/users/`, where the longer pattern goes first.
 */
export function createMatcher<T>(
  routes: readonly { settings: RouteSettings; value: T }[],
): Matcher<T> {
  const exact = new Map<string, Candidate<T>[]>()
  const byPrefix = new Map<string, Candidate<T>[]>()
  for (const { settings, value } of routes) {
    if (settings.status === 0) continue
    for (const uri of settings.uris ?? [settings.uri ?? '']) {
      const literal = literalPrefix(uri)
      const places = literal === uri ? exact : byPrefix
      places.set(literal, [...(places.get(literal) ?? []), createCandidate(uri, settings, value)])
    }
  }
  for (const candidates of [...exact.values(), ...byPrefix.values()]) candidates.sort(byRank)
  const prefixes = [...byPrefix].toSorted(([a], [b]) => b.length - a.length)

  return (exchange) => {
    const fits = (candidate: Candidate<T>) => isMatch(candidate, exchange)
    const found = exact.get(exchange.path)?.find(fits)
    if (found !== undefined) return found.value
    for (const [prefix, candidates] of prefixes) {
      const match = exchange.path.startsWith(prefix) ? candidates.find(fits) : undefined
      if (match !== undefined) return match.value
    }
    return null
  }
}

function literalPrefix(uri: string): string {
  const end = uri.search(/[:*]/)
  return end === -1 ? uri : uri.slice(0, end)
}

function byRank(a: Candidate<unknown>, b: Candidate<unknown>): number {
  return b.priority - a.priority || b.uri.length - a.uri.length
}

function createCandidate<T>(uri: string, settings: RouteSettings, value: T): Candidate<T> {
  const hosts = settings.hosts ?? (settings.host === undefined ? null : [settings.host])
  return {
    value,
    uri,
    priority: settings.priority,
    methods: settings.methods === undefined ? null : new Set<string>(settings.methods),
    hosts: hosts?.map((host) => host.toLowerCase()) ?? null,
    pattern: uri.includes(':') ? toPattern(uri) : null,
    holds: settings.vars === undefined ? null : compileExpression(settings.vars),
  }
}

function toPattern(uri: string): RegExp {
  const segments = uri.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+'
    if (segment === '*') return '[^]*'
    return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${segments.join('/')}$`)
}

function isMatch(
  { methods, hosts, pattern, holds }: Candidate<unknown>,
  exchange: Exchange,
): boolean {
  if (methods !== null && !methods.has(exchange.method)) return false
  if (hosts !== null && !hosts.some((host) => isHost(host, exchange.host))) return false
  if (pattern !== null && !pattern.test(exchange.path)) return false
  return holds === null || holds(exchange)
}

function isHost(pattern: string, host: string): boolean {
  return pattern.startsWith('*') ? host.endsWith(pattern.slice(1)) : host === pattern
}
