import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Fields, findField } from '@ego/kit/http/fast/fields'
import type { Exchange, Reply } from './http/exchange.ts'
import { readRequestFields } from './http/hop-by-hop.ts'
import { escapeTarget, readTarget, type Target } from './http/path.ts'
import { problem } from './http/problem.ts'
import type { Route, Table } from './routing/compile.ts'

export type Opened = {
  readonly exchange: Exchange
  readonly route: Route
  readonly refusal: Reply | null
}

/** Reads what the client sent and finds its route; a refusal says why it goes no further. */
export function openExchange(
  table: Table,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Opened {
  const target = readTarget(incoming.url ?? '/')
  const fields = readRequestFields(incoming.rawHeaders)
  const host = readHost(fields, incoming)
  const draft = createExchange(incoming, outgoing, fields, host ?? '', target ?? nowhere)
  const wish = readWish(incoming)
  // Node also takes HTTP/0.9, which has no headers, and HTTP/2.0, which is no text.
  const isUnclear = incoming.httpVersionMajor !== 1 || wish === 'other_coding'
  if (target === null || host === null || isUnclear) {
    return refuse(table, draft, problem(draft, 'bad_request'))
  }
  if (draft.method === 'TRACE' || wish === 'websocket') {
    return refuse(table, draft, problem(draft, 'not_implemented'))
  }
  // Node throws away what came behind it in one packet: what comes next may begin in the middle.
  if (wish === 'other_protocol') outgoing.shouldKeepAlive = false
  const wanted = { path: target.path, method: draft.method, host }
  const route = table.match(wanted, () => draft) ?? table.unmatched
  draft.routeId = route.id
  return { exchange: draft, route, refusal: null }
}

const nowhere: Target = { path: '/', query: '' }

/** No plugin has run, only the header filters of the global rules will; then the socket closes. */
function refuse(table: Table, exchange: Exchange, refusal: Reply): Opened {
  exchange.outgoing.shouldKeepAlive = false
  return { exchange, route: table.unmatched, refusal }
}

function createExchange(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fields: Fields,
  host: string,
  { path, query }: Target,
): Exchange {
  return {
    incoming,
    outgoing,
    startedAt: performance.now(),
    clientAddress: plainAddress(incoming.socket.remoteAddress ?? ''),
    serverPort: incoming.socket.localPort ?? 0,
    host,
    path,
    query,
    routeId: '',
    method: incoming.method ?? 'GET',
    upstreamPath: escapeTarget(path, query),
    fields,
    replyFields: [],
    requestId: '',
    userId: '',
    bodyBytesMax: 0,
    confirm: () => undefined,
    bodyFailure: null,
    refusal: null,
    awaitsContinue: false,
    abort: null,
    isGone: false,
    upstreamMs: 0,
  }
}

/** HTTP/1.1 wants exactly one Host; two of them are how caches and filters are fooled. */
function readHost(fields: Fields, incoming: IncomingMessage): string | null {
  const host = findField(fields, 'host')
  if (host === undefined) return incoming.httpVersion === '1.0' ? '' : null
  let count = 0
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === 'host') count += 1
  if (count !== 1 || !/^[\w.:[\]-]+$/.test(host)) return null
  return host.toLowerCase().replace(/:\d*$/, '')
}

/** A socket that listens on IPv6 as well shows IPv4 peers as ::ffff:10.0.0.1. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}

type Wish = 'none' | 'websocket' | 'other_protocol' | 'other_coding'

/**
 * A coding other than chunks is refused: the field that names it ends here, so whoever is behind the
 * gateway would take the coded bytes for the body. A protocol other than websockets may be ignored.
 */
function readWish({ rawHeaders: raw }: IncomingMessage): Wish {
  let wish: Wish = 'none'
  for (let i = 0; i < raw.length; i += 2) {
    const length = raw[i]?.length
    if (length !== 7 && length !== 17) continue
    const name = raw[i]?.toLowerCase()
    const value = raw[i + 1]?.toLowerCase()
    if (name === 'transfer-encoding' && value !== 'chunked') return 'other_coding'
    if (name !== 'upgrade') continue
    if (value === 'websocket') return 'websocket'
    wish = 'other_protocol'
  }
  return wish
}
