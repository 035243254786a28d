import { randomUUID } from 'node:crypto'
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { Socket } from 'node:net'
import { type ProblemCode, problemStatus, problemText } from './problem.ts'

/** From the first byte to the end of the headers: what a slow-loris attack may hold a socket for. */
const headersTimeoutMs = 15_000
/** From the first byte to the end of the body: an avatar over a slow line fits. */
const requestTimeoutMs = 120_000
/** How often both are enforced. */
const checkIntervalMs = 5_000
/** Longer than a load balancer's own 60 s, so that it never sends into a closing connection. */
const keepAliveTimeoutMs = 65_000
const headerBytesMax = 16 * 1024
const headersCountMax = 100
const requestsPerSocketMax = 100_000
const connectionsMax = 10_000

export type Handle = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  awaitsContinue: boolean,
) => void

/** Node's HTTP server with every limit set, and problems in place of bare closed sockets. */
export function createGatewayServer(handle: Handle): Server {
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: checkIntervalMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: headerBytesMax,
    insecureHTTPParser: false,
    // Checked by us, to answer with a problem.
    requireHostHeader: false,
  })
  server.maxHeadersCount = headersCountMax
  server.maxRequestsPerSocket = requestsPerSocketMax
  server.maxConnections = connectionsMax
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
  const status = problemStatus(code)
  const body = problemText(code, requestId)
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      'content-type: application/problem+json\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${requestId}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** Half an answer followed by a problem would be read as part of that answer. */
function hasAnswerUnderWay(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true
}
