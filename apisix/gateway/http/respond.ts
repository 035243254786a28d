import { type Fields, findField, removeField } from '@ego/kit/http/fast/fields'
import type { BodySource, Exchange, Reply } from './exchange.ts'

/** Writes a reply to the client. Rejects when its body breaks off, with the response half sent. */
export async function respond(exchange: Exchange, reply: Reply): Promise<void> {
  const { outgoing } = exchange
  const { body } = reply
  const fields = withoutTwins(reply.fields, exchange.replyFields)
  if (exchange.isGone) return discard(body)
  if (hasNoBody(exchange, reply.status)) {
    discard(body)
    if (reply.status === 204) removeField(fields, 'content-length')
    outgoing.writeHead(reply.status, fields)
    outgoing.end()
  } else if (body === null || typeof body === 'string' || body instanceof Uint8Array) {
    sendWhole(exchange, reply.status, fields, body ?? '')
  } else {
    await sendSource(exchange, reply.status, fields, body)
  }
}

function hasNoBody(exchange: Exchange, status: number): boolean {
  return exchange.incoming.method === 'HEAD' || status === 204 || status === 304
}

async function sendSource(exchange: Exchange, status: number, fields: Fields, source: BodySource) {
  const whole = await source.readWhole()
  if (whole !== null) return sendWhole(exchange, status, fields, whole)
  exchange.outgoing.writeHead(status, fields)
  exchange.outgoing.once('close', () => source.cancel())
  await source.writeTo(exchange.outgoing)
}

function sendWhole(exchange: Exchange, status: number, fields: Fields, body: string | Uint8Array) {
  if (findField(fields, 'content-length') === undefined) {
    fields.push('content-length', String(Buffer.byteLength(body)))
  }
  const { outgoing } = exchange
  outgoing.writeHead(status, fields)
  // Node joins a string with the head and writes both at once; bytes would cost a second write.
  if (typeof body === 'string' || body.byteLength > joinedBytesMax) outgoing.end(body)
  else outgoing.end(toLatin1(body), 'latin1')
}

const joinedBytesMax = 16 * 1024

/** One character a byte: written as latin1 it is the same bytes again. */
function toLatin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
}

export function discard(body: Reply['body']): void {
  if (typeof body === 'object' && body !== null && 'cancel' in body) body.cancel()
}

/** What plugins set for the reply stands in place of what the upstream sent. */
function withoutTwins(fields: Fields, replacing: Fields): Fields {
  for (let i = 0; i < replacing.length; i += 2) {
    removeField(fields, replacing[i] ?? '')
    fields.push(replacing[i] ?? '', replacing[i + 1] ?? '')
  }
  return fields
}
