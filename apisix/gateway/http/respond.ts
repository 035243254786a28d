import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { findField, removeField, setFields } from '@ego/kit/fast/fields'
import type { Exchange, Reply } from './exchange.ts'

/** Writes a reply to the client. Rejects when its body breaks off, with the response half sent. */
export async function respond(exchange: Exchange, { status, fields, body }: Reply): Promise<void> {
  const { incoming, outgoing } = exchange
  if (exchange.isGone) return discard(body)
  setFields(fields, exchange.replyFields)
  if (incoming.method === 'HEAD' || status === 204 || status === 304) {
    discard(body)
    if (status === 204) removeField(fields, 'content-length')
    outgoing.writeHead(status, fields)
    outgoing.end()
  } else if (body instanceof Readable) {
    outgoing.writeHead(status, fields)
    await pipeline(body, outgoing)
  } else {
    if (findField(fields, 'content-length') === undefined) {
      fields.push('content-length', String(Buffer.byteLength(body ?? '')))
    }
    outgoing.writeHead(status, fields)
    endWith(outgoing, body ?? '')
  }
}

const joinedBytesMax = 16 * 1024

/** Node writes a string together with the head; bytes would cost a second write. */
function endWith(outgoing: Exchange['outgoing'], body: string | Uint8Array): void {
  if (typeof body === 'string' || body.byteLength > joinedBytesMax) outgoing.end(body)
  // One character a byte: written as latin1 these are the same bytes again.
  else
    outgoing.end(
      Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'),
      'latin1',
    )
}

/** Ends a body that is not sent, so that it holds no connection. */
export function discard(body: Reply['body']): void {
  if (!(body instanceof Readable)) return
  body.on('error', () => undefined)
  // A body of undici reads what is left when it is short, so that its connection can be used again.
  if ('dump' in body && typeof body.dump === 'function') body.dump()
  else body.destroy()
}
