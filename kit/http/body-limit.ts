import type { AppContext } from './app.ts'
import { Problem } from './problem.ts'

/**
 * Refuses a body that is too long. Where its length is announced the body is not even looked at: what was begun to be read
 * and is not read up costs the connection half a second later, and with it the next request on it. So what comes in chunks
 * is read to its end, also where nobody wants the rest.
 */
export async function limitBody(c: AppContext, bytesMax: number): Promise<void> {
  const announced = c.req.header('content-length')
  const bytes =
    announced === undefined ? await orBrokenOff(takeBody(c, bytesMax)) : Number(announced)
  if (bytes > bytesMax) {
    throw new Problem(413, 'body_too_large', `A body may have at most ${bytesMax} bytes here.`)
  }
}

/** Keeps what is allowed of the body for those behind, and answers how long it was. */
async function takeBody(c: AppContext, bytesMax: number): Promise<number> {
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

/** Waits for a body; that its sender has left is not our fault. */
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
