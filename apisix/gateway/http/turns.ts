import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ProblemCode } from './problem.ts'
import { closeGently, writeRefusal } from './refusal.ts'

export type Handle = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  awaitsContinue: boolean,
) => void

type Turn = {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly awaitsContinue: boolean
}

/** How many pipelined requests may wait on one socket; nobody who reads his answers needs more. */
const waitingMax = 64

/**
 * The requests of one socket, strictly one after the other. Node parses a whole packet of pipelined
 * requests at once and buffers every answer but the first: served together, a few kilobytes of
 * requests would fill the memory with answers that nobody reads.
 */
export class Turns {
  readonly #socket: Socket
  readonly #handle: Handle
  readonly #waiting: Turn[] = []
  #active: Turn | null = null
  #refusal: ProblemCode | null = null

  constructor(socket: Socket, handle: Handle) {
    this.#socket = socket
    this.#handle = handle
  }

  get isBusy(): boolean {
    return this.#active !== null
  }

  take(turn: Turn): void {
    // Behind the last answer of a socket nothing is served: nobody would hear what came of it.
    if (this.#refusal !== null || !this.#socket.writable) return
    if (this.#active === null) {
      this.#begin(turn)
    } else if (this.#waiting.length < waitingMax) {
      this.#waiting.push(turn)
    } else {
      this.#waiting.length = 0
      this.#socket.destroy()
    }
  }

  /**
   * What cannot be parsed cannot be trusted to end where it says: it is answered once, after all
   * that came before it, and nothing behind it is looked at.
   */
  refuse(code: ProblemCode): void {
    if (this.#refusal !== null || this.#socket.destroyed) return
    this.#refusal = code
    const last = this.#waiting.at(-1) ?? this.#active
    // Nothing can follow a message that has not ended, so what is refused is this message itself.
    const isBroken = last !== null && !last.incoming.complete
    if (isBroken && this.#waiting.length > 0) this.#waiting.pop()
    else if (isBroken || last === null) this.#writeRefusal(code)
  }

  /** Where Node no longer looks after the socket, as after CONNECT, the answer still waits for it. */
  drained(): void {
    this.#active?.outgoing.emit('drain')
  }

  #begin(turn: Turn): void {
    this.#active = turn
    turn.outgoing.once('close', this.#next)
    this.#handle(turn.incoming, turn.outgoing, turn.awaitsContinue)
  }

  /** Node has given the socket to the next answer before it says that this one is closed. */
  readonly #next = (): void => {
    this.#active = null
    if (!this.#socket.writable) {
      this.#waiting.length = 0
      return
    }
    const turn = this.#waiting.shift()
    if (turn !== undefined) this.#begin(turn)
    else if (this.#refusal !== null) this.#writeRefusal(this.#refusal)
  }

  #writeRefusal(code: ProblemCode): void {
    const answer = this.#active?.outgoing
    // An answer that is whole still goes out; half of one, followed by a problem, would be read as part of it.
    if (answer?.writableEnded) answer.once('finish', () => closeGently(this.#socket))
    else if (answer?.headersSent || !this.#socket.writable) this.#socket.destroy()
    else writeRefusal(this.#socket, code)
  }
}
