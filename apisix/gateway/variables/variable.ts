import { findField } from '@ego/kit/http/fast/fields'
import type { Exchange } from '../http/exchange.ts'
import { escapePath } from '../http/path.ts'

/** Reads one nginx variable of a request; `undefined` when the request has none of it. */
export type Variable = (exchange: Exchange) => string | undefined

const named: Record<string, Variable> = {
  args: (exchange) => exchange.query,
  host: (exchange) => exchange.host,
  is_args: (exchange) => (exchange.query === '' ? '' : '?'),
  query_string: (exchange) => exchange.query,
  remote_addr: (exchange) => exchange.clientAddress,
  request_method: (exchange) => exchange.method,
  request_uri: (exchange) => requestUri(exchange),
  route_id: (exchange) => exchange.routeId,
  scheme: () => 'http',
  server_port: (exchange) => String(exchange.serverPort),
  status: (exchange) => String(exchange.outgoing.statusCode),
  uri: (exchange) => exchange.path,
}

/** Path and query as asked for, in the one spelling that is also sent upstream. */
export function requestUri(exchange: Exchange): string {
  const path = escapePath(exchange.path)
  return exchange.query === '' ? path : `${path}?${exchange.query}`
}

/** `null`: no such variable. */
export function findVariable(name: string): Variable | null {
  const known = Object.hasOwn(named, name) ? named[name] : undefined
  if (known !== undefined) return known
  if (/^http_[a-z0-9_]+$/.test(name)) {
    const field = name.slice('http_'.length).replaceAll('_', '-')
    return (exchange) => findField(exchange.fields, field)
  }
  if (/^arg_[A-Za-z0-9_-]+$/.test(name)) return (exchange) => readArgument(exchange, name.slice(4))
  return null
}

/** Raw, as nginx leaves it: not percent-decoded. */
function readArgument(exchange: Exchange, name: string): string | undefined {
  for (const part of exchange.query.split('&')) {
    if (part.startsWith(`${name}=`)) return part.slice(name.length + 1)
  }
  return undefined
}

const reference = /\$(?:\{(\w+)\}|(\w+))/g

/** The first name in a template that no variable has; `null` when all are known. */
export function findUnknownVariable(template: string): string | null {
  for (const [, braced, bare] of template.matchAll(reference)) {
    const name = braced ?? bare ?? ''
    if (!/^\d+$/.test(name) && findVariable(name) === null) return name
  }
  return null
}

/** Compiles `$name` and `${name}`; a variable without a value becomes nothing. */
export function compileTemplate(template: string): (exchange: Exchange) => string {
  if (!template.includes('$')) return () => template
  return (exchange) =>
    template.replace(reference, (whole, braced: string | undefined, bare: string | undefined) => {
      const variable = findVariable(braced ?? bare ?? '')
      return variable === null ? whole : (variable(exchange) ?? '')
    })
}
