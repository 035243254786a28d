import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { togetherResponse } from '@ego/kit/fast/together-response'
import type { Logger } from 'pino'
import type { ProblemCode } from './problem.ts'
import { type Handle, RequestQueue } from './request-queue.ts'

/** How long a client may take for each thing before it is cut off. */
export type ClientTimeouts = {
  /** From the first byte to the end of the headers: how long a slow-loris attack may hold a socket. */
  readonly headersMs: number
  /** From the first byte to the end of the body: an avatar over a slow line fits. */
  readonly requestMs: number
  /** How often both are enforced. */
  readonly checkMs: number
  /** Longer than a load balancer's own 60 s, so that it never sends into a closing connection. */
  readonly keepAliveMs: number
  /** How long a client may leave its answer unread. */
  readonly unreadMs: number
}

export const clientTimeouts: ClientTimeouts = {
  headersMs: 15_000,
  requestMs: 120_000,
  checkMs: 5_000,
  keepAliveMs: 65_000,
  unreadMs: 60_000,
}

const headerBytesMax = 16 * 1024
const headersCountMax = 100
const requestsPerSocketMax = 100_000
const connectionsMax = 10_000
/** How long a client that has closed its side may wait for the next byte of its answer. */
const halfClosedMs = 2_000

/** Node's HTTP server with every limit set, and problems in place of bare closed sockets. */
export function createGatewayServer(
  handle: Handle,
  log: Pick<Logger, 'error'>,
  timeouts = clientTimeouts,
): Server {
  const server = createServer({
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    connectionsCheckingInterval: timeouts.checkMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    maxHeaderSize: headerBytesMax,
    insecureHTTPParser: false,
    // Checked in open-exchange.ts, which answers with a problem.
    requireHostHeader: false,
    ServerResponse: togetherResponse((error) =>
      log.error({ err: error }, 'an answer could not be written'),
    ),
  })
  server.maxHeadersCount = headersCountMax
  server.maxRequestsPerSocket = requestsPerSocketMax
  server.maxConnections = connectionsMax
  server.timeout = timeouts.unreadMs
  // Not in the types. Without it Node closes the socket of a client that has closed its own side.
  Object.assign(server, { httpAllowHalfOpen: true })
  queueRequests(server, handle)
  return server
}

function queueRequests(server: Server, handle: Handle): void {
  const queues = new WeakMap<Socket, RequestQueue>()
  const queueOf = (socket: Socket): RequestQueue => {
    const queue = queues.get(socket) ?? new RequestQueue(socket, handle)
    queues.set(socket, queue)
    return queue
  }
  const add = (incoming: IncomingMessage, outgoing: ServerResponse, awaitsContinue: boolean) => {
    queueOf(incoming.socket).add({ incoming, outgoing, awaitsContinue })
  }
  // An answer that is still being made may take its time; one that the client does not read may not.
  const closeUnread = (socket: Socket) => {
    if (!queueOf(socket).isBusy || socket.writableLength > 0) socket.destroy()
  }
  server.on('connection', (socket) => socket.once('end', () => watchHalfClosed(socket)))
  server.on('request', (incoming, outgoing) => add(incoming, outgoing, false))
  server.on('checkContinue', (incoming, outgoing) => add(incoming, outgoing, true))
  server.on('checkExpectation', ({ socket }) => queueOf(socket).refuse('expectation_failed'))
  server.on('connect', ({ socket }) => {
    const queue = queueOf(socket)
    // Node has removed all its listeners from the socket.
    socket.on('error', () => socket.destroy())
    socket.on('timeout', () => closeUnread(socket))
    socket.on('drain', () => queue.drained())
    queue.refuse('not_implemented')
  })
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    queueOf(socket as Socket).refuse(codeOf(error.code))
  })
  server.on('timeout', closeUnread)
}

/**
 * Until something is written to it, a client that has left looks like one that has only closed its
 * side. Closing after a short silence spares the services work that is of no use.
 */
function watchHalfClosed(socket: Socket): void {
  let written = socket.bytesWritten
  const timer = setInterval(() => {
    if (socket.writableLength === 0 && socket.bytesWritten === written) socket.destroy()
    written = socket.bytesWritten
  }, halfClosedMs).unref()
  socket.once('close', () => clearInterval(timer))
}

function codeOf(parserCode: string | undefined): ProblemCode {
  if (parserCode === 'HPE_HEADER_OVERFLOW') return 'header_too_large'
  if (parserCode === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout'
  return 'bad_request'
}
