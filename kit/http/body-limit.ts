import type { AppContext } from './context.ts'
import { Problem } from './problem.ts'

/**
 * Refuses a body that is too long. A body with an announced length is not read here: the server closes the connection half
 * a second after a response when a body was read only in part, and the next request on it fails. For the same reason, a
 * chunked body is read to its end even when it is too long.
 */
export async function limitBody(c: AppContext, bytesMax: number): Promise<void> {
  const announced = c.req.header('content-length')
  const bytes =
    announced === undefined ? await orBrokenOff(readBody(c, bytesMax)) : Number(announced)
  if (bytes > bytesMax) {
    throw new Problem(413, 'body_too_large', `A body may have at most ${bytesMax} bytes here.`)
  }
}

/** Reads the body, keeps it for later readers unless it is too long, and returns its length. */
async function readBody(c: AppContext, bytesMax: number): Promise<number> {
  const { body } = c.req.raw
  if (!body) return 0
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes <= bytesMax) chunks.push(chunk)
  }
  if (bytes <= bytesMax) c.req.raw = new Request(c.req.raw, { body: Buffer.concat(chunks) })
  return bytes
}

/** Waits for a body. A client that leaves meanwhile is a 400, not a server error. */
export async function orBrokenOff<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (cause) {
    throw cause instanceof Problem ? cause : malformedBody('It ended before it was whole.', cause)
  }
}

export function malformedBody(why: string, cause: unknown): Problem {
  return new Problem(400, 'malformed_body', `The body cannot be read. ${why}`, { cause })
}
