import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ProblemCode, problemStatus, problemText } from './problem.ts'

const lingerMs = 2_000

/** Answers where Node has no response to write to, then closes. */
export function writeRefusal(socket: Socket, code: ProblemCode): void {
  const requestId = randomUUID()
  const status = problemStatus(code)
  const body = problemText(code, requestId)
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      'content-type: application/problem+json\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n` +
      `x-request-id: ${requestId}\r\nconnection: close\r\n\r\n${body}`,
  )
  closeGently(socket)
}

/** Lets what was written arrive: a socket closed with unread bytes is reset, and the reset may overtake the answer. */
export function closeGently(socket: Socket): void {
  socket.end()
  socket.resume()
  setTimeout(() => socket.destroy(), lingerMs).unref()
}
