import { findField } from '@ego/kit/fast/fields'
import type { Exchange } from '../http/exchange.ts'
import { escapePath } from '../http/path.ts'

/** Reads one nginx variable of a request; `undefined` when the request has none of it. */
type Variable = (exchange: Exchange) => string | undefined

const variables = new Map<string, Variable>([
  ['args', ({ query }) => query],
  ['host', ({ host }) => host],
  ['is_args', ({ query }) => (query === '' ? '' : '?')],
  ['query_string', ({ query }) => query],
  ['remote_addr', ({ clientAddress }) => clientAddress],
  ['request_method', ({ method }) => method],
  ['request_uri', requestUri],
  ['route_id', ({ routeId }) => routeId],
  ['scheme', () => 'http'],
  ['server_port', ({ serverPort }) => String(serverPort)],
  ['status', ({ outgoing }) => String(outgoing.statusCode)],
  ['uri', ({ path }) => path],
])

/** Path and query as the client asked for them, with the path in its canonical spelling. */
export function requestUri({ path, query }: Exchange): string {
  return query === '' ? escapePath(path) : `${escapePath(path)}?${query}`
}

/** Returns `null` when there is no such variable. */
export function findVariable(name: string): Variable | null {
  const known = variables.get(name)
  if (known !== undefined) return known
  if (/^http_[a-z0-9_]+$/.test(name)) {
    const field = name.slice('http_'.length).replaceAll('_', '-')
    return ({ fields }) => findField(fields, field)
  }
  if (!/^arg_[A-Za-z0-9_-]+$/.test(name)) return null
  const start = `${name.slice('arg_'.length)}=`
  // Not percent-decoded: nginx leaves arguments as they came.
  return ({ query }) =>
    query
      .split('&')
      .find((part) => part.startsWith(start))
      ?.slice(start.length)
}
