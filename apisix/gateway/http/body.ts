import { type Readable, Transform } from 'node:stream'
import { findField, removeField } from '@ego/kit/fast/fields'
import type { Body, Exchange } from './exchange.ts'
import { discard } from './respond.ts'

/** Up to this size a body is read whole: one write upstream, and it can be sent again. */
const wholeBytesMax = 64 * 1024

/**
 * Reads the body of the client: a small one whole, a large one as a stream. `exchange.bodyFailure`
 * says when it breaks off or is too large; a stream fails then.
 */
export function readBody(exchange: Exchange): Body | Promise<Body> {
  const length = findField(exchange.fields, 'content-length')
  if (length === undefined && !exchange.isChunked) return null
  if (length === '0') return dropLength(exchange)
  if (exchange.awaitsContinue) exchange.outgoing.writeContinue()
  exchange.awaitsContinue = false
  if (length !== undefined && Number(length) <= wholeBytesMax) return readWhole(exchange)
  return stream(exchange, length === undefined ? null : Number(length))
}

function dropLength(exchange: Exchange): null {
  if (exchange.method === 'GET' || exchange.method === 'HEAD') {
    removeField(exchange.fields, 'content-length')
  }
  return null
}

function readWhole(exchange: Exchange): Promise<Body> {
  const { incoming } = exchange
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.once('end', () => {
      resolve(chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks))
    })
    incoming.once('close', () => {
      if (incoming.complete) return
      exchange.bodyFailure ??= 'client_gone'
      resolve(null)
    })
    incoming.once('error', () => undefined)
  })
}

/**
 * The client's own stream is never passed on: destroying it would close the socket, and with it the
 * answer. What is not read any more is drained, so that the next request can be read.
 */
function stream(exchange: Exchange, bytesAnnounced: number | null): Readable {
  const { incoming, bodyBytesMax: bytesMax } = exchange
  let bytes = 0
  let last: Buffer | null = null
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength
      if (bytesMax > 0 && bytes > bytesMax) {
        exchange.bodyFailure ??= 'too_large'
        return done(new Error('The body is larger than allowed.'))
      }
      if (bytes !== bytesAnnounced) return done(null, chunk)
      // A service acts as soon as it has every announced byte: the last ones wait for `confirm`.
      last = chunk
      done()
    },
    flush: (done) => void confirmEnd(exchange).then(() => done(null, last), done),
  })
  counted.on('error', () => undefined)
  // A service may answer before it has read the body, and then never read the rest.
  exchange.outgoing.once('finish', () => counted.destroy())
  counted.once('close', () => {
    incoming.unpipe(counted)
    incoming.resume()
  })
  incoming.once('error', (error) => {
    exchange.bodyFailure ??= 'client_gone'
    counted.destroy(error)
  })
  return incoming.pipe(counted)
}

/** The service sees the end of a body, and acts on it, only if the request may still pass. */
async function confirmEnd(exchange: Exchange): Promise<void> {
  const refusal = await exchange.confirm()
  if (refusal === undefined) return
  exchange.bodyFailure ??= 'refused'
  exchange.refusal = refusal
  // The refusal cannot be sent any more, and unread it would keep its connection.
  if (exchange.outgoing.headersSent || exchange.isGone) discard(refusal.body)
  throw new Error('The request may not pass any more.')
}
