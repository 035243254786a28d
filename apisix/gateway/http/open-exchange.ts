import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Fields, joinField } from '@ego/kit/fast/fields'
import type { Exchange, Reply } from './exchange.ts'
import { readRequestFields } from './hop-by-hop.ts'
import { escapeTarget, readTarget } from './path.ts'
import { problem } from './problem.ts'

/** Reads what the client sent. A refusal is the answer to a request that goes no further. */
export function openExchange(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): { exchange: Exchange; refusal: Reply | null } {
  const { fields, hopFields } = readRequestFields(incoming.rawHeaders)
  const target = readTarget(incoming.url ?? '/')
  const host = readHost(fields, incoming)
  const coding = joinField(hopFields, 'transfer-encoding')?.toLowerCase()
  const protocol = joinField(hopFields, 'upgrade')?.toLowerCase()
  const { path, query } = target ?? { path: '/', query: '' }
  const exchange: Exchange = {
    incoming,
    outgoing,
    startedAt: performance.now(),
    clientAddress: plainAddress(incoming.socket.remoteAddress ?? ''),
    serverPort: incoming.socket.localPort ?? 0,
    host: host ?? '',
    path,
    query,
    isChunked: coding !== undefined,
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
  // Node also takes HTTP/0.9, which has no headers, and HTTP/2.0, which is binary.
  const isReadable = target !== null && host !== null && incoming.httpVersionMajor === 1
  const code = isReadable ? findRefusal(exchange, coding, protocol) : 'bad_request'
  if (code === null) return { exchange, refusal: null }
  outgoing.shouldKeepAlive = false
  return { exchange, refusal: problem(exchange, code) }
}

/** A coding other than chunks ends here with its field, so a service would read the coded bytes. */
function findRefusal({ method, outgoing }: Exchange, coding?: string, protocol?: string) {
  if (coding !== undefined && coding !== 'chunked') return 'bad_request'
  if (method === 'TRACE' || protocol?.split(', ').includes('websocket')) return 'not_implemented'
  // Node drops what came behind an upgrade in one packet, so the next bytes may be half a request.
  if (protocol !== undefined) outgoing.shouldKeepAlive = false
  return null
}

/** Two Host fields are a way to fool caches and filters: joined by a comma, they match no host. */
function readHost(fields: Fields, incoming: IncomingMessage): string | null {
  const host = joinField(fields, 'host')
  if (host === undefined) return incoming.httpVersion === '1.0' ? '' : null
  return /^[\w.:[\]-]+$/.test(host) ? host.toLowerCase().replace(/:\d*$/, '') : null
}

/** A socket that listens on IPv6 as well shows IPv4 peers as ::ffff:10.0.0.1. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}
