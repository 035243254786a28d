import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ProblemCode, problemStatus, problemText } from './problem.ts'

export type Handle = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  awaitsContinue: boolean,
) => void

type Queued = {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly awaitsContinue: boolean
}

/** How many pipelined requests may wait on one socket. */
const waitingMax = 64

/**
 * Handles the requests of one socket strictly one after the other. Node parses a whole packet of
 * pipelined requests at once and buffers every answer but the first: handled together, a few
 * kilobytes of requests would fill the memory with answers that are not read.
 */
export class RequestQueue {
  readonly #socket: Socket
  readonly #handle: Handle
  readonly #waiting: Queued[] = []
  #active: Queued | null = null
  #refusal: ProblemCode | null = null

  constructor(socket: Socket, handle: Handle) {
    this.#socket = socket
    this.#handle = handle
  }

  get isBusy(): boolean {
    return this.#active !== null
  }

  add(request: Queued): void {
    // After the last answer of a socket, the result of a request could not be sent any more.
    if (this.#refusal !== null || !this.#socket.writable) return
    if (this.#active === null) {
      this.#begin(request)
    } else if (this.#waiting.length < waitingMax) {
      this.#waiting.push(request)
    } else {
      this.#waiting.length = 0
      this.#socket.destroy()
    }
  }

  /**
   * For bytes that cannot be parsed: where they end is unknown. They are answered once, after all
   * requests before them, and the bytes behind them are ignored.
   */
  refuse(code: ProblemCode): void {
    if (this.#refusal !== null || this.#socket.destroyed) return
    this.#refusal = code
    const last = this.#waiting.at(-1) ?? this.#active
    // A message that has not ended is itself the one that is refused: no other can follow it.
    const isBroken = last !== null && !last.incoming.complete
    if (isBroken && this.#waiting.length > 0) this.#waiting.pop()
    else if (isBroken || last === null) this.#writeRefusal(code)
  }

  /** After CONNECT, Node no longer tells the answer that its socket has drained. */
  drained(): void {
    this.#active?.outgoing.emit('drain')
  }

  #begin(request: Queued): void {
    this.#active = request
    request.outgoing.once('close', this.#next)
    this.#handle(request.incoming, request.outgoing, request.awaitsContinue)
  }

  /** Called when an answer has closed; by then Node has given the socket to the next one. */
  readonly #next = (): void => {
    this.#active = null
    if (!this.#socket.writable) {
      this.#waiting.length = 0
      return
    }
    const request = this.#waiting.shift()
    if (request !== undefined) this.#begin(request)
    else if (this.#refusal !== null) this.#writeRefusal(this.#refusal)
  }

  #writeRefusal(code: ProblemCode): void {
    const answer = this.#active?.outgoing
    // A finished answer still goes out; a problem behind half an answer would be read as part of it.
    if (answer?.writableEnded) answer.once('finish', () => closeGently(this.#socket))
    else if (answer?.headersSent || !this.#socket.writable) this.#socket.destroy()
    else writeProblem(this.#socket, code)
  }
}

/** Answers where Node has no response to write to, then closes the socket. */
function writeProblem(socket: Socket, code: ProblemCode): void {
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

const lingerMs = 2_000

/** A socket that is closed with unread bytes is reset, and the reset may overtake the answer. */
function closeGently(socket: Socket): void {
  socket.end()
  socket.resume()
  setTimeout(() => socket.destroy(), lingerMs).unref()
}
