import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type ProblemCode, problemStatus, problemText } from './problem.ts'

/** From the first byte to the end of the headers: what a slow-loris attack may hold a socket for. */
const HEADERS_TIMEOUT_MS = 15_000
/** From the first byte to the end of the body: an avatar over a slow line fits. */
const REQUEST_TIMEOUT_MS = 120_000
/** How often both are enforced. */
const CHECK_INTERVAL_MS = 5_000
/** Longer than a load balancer's own 60 s, so that it never sends into a closing connection. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000
const HEADER_BYTES_MAX = 16 * 1024
const HEADERS_COUNT_MAX = 100
const REQUESTS_PER_SOCKET_MAX = 100_000
const CONNECTIONS_MAX = 10_000

export type Handle = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  awaitsContinue: boolean,
) => void

/** Node's HTTP server with every limit set, and problems in place of bare closed sockets. */
export function createGatewayServer(handle: Handle): Server {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
    insecureHTTPParser: false,
    // Checked by us, to answer with a problem.
    requireHostHeader: false,
  })
  server.maxHeadersCount = HEADERS_COUNT_MAX
  server.maxRequestsPerSocket = REQUESTS_PER_SOCKET_MAX
  server.maxConnections = CONNECTIONS_MAX
  server.on('request', (incoming, outgoing) => handle(incoming, outgoing, false))
  server.on('checkContinue', (incoming, outgoing) => handle(incoming, outgoing, true))
  server.on('checkExpectation', (_incoming, outgoing) => {
    refuse(outgoing.socket, 'expectation_failed')
  })
  server.on('connect', (_incoming, socket) => refuse(socket as Socket, 'not_implemented'))
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    refuse(socket as Socket, codeOf(error.code))
  })
  return server
}

function codeOf(parserCode: string | undefined): ProblemCode {
  if (parserCode === 'HPE_HEADER_OVERFLOW') return 'header_too_large'
  if (parserCode === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout'
  return 'bad_request'
}

/** What cannot be parsed cannot be trusted to end where it says: answer once, then close. */
function refuse(socket: Socket | null, code: ProblemCode): void {
  if (socket === null || socket.destroyed) return
  if (!socket.writable || (socket.bytesWritten > 0 && hasAnswerUnderWay(socket))) {
    socket.destroy()
    return
  }
  const requestId = randomUUID()
  const body = problemText(code, requestId)
  socket.end(
    `HTTP/1.1 ${problemStatus(code)} ${JSON.parse(body).title}\r\n` +
      'content-type: application/problem+json\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${requestId}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** Half an answer followed by a problem would be read as part of that answer. */
function hasAnswerUnderWay(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true
}
