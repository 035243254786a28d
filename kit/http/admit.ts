import { isUtf8 } from 'node:buffer'
import { limitBody, orBrokenOff } from './body-limit.ts'
import type { AppContext } from './context.ts'
import type { Callers } from './identity/caller.ts'
import { Problem } from './problem.ts'

const bodyBytesMax = 256 * 1024
const bodiless = new Set(['GET', 'HEAD'])
const utf8 = new TextDecoder()

/**
 * Checks the body and the caller before every operation, in one middleware: a second one would cost a read as much as its
 * work. It waits for the whole body before it looks at the caller: a request that is held open must not outlive its session.
 */
export function admit(callers: Callers, largeBodies: Readonly<Record<string, number>>) {
  const large = new Map(Object.entries(largeBodies))
  return async (c: AppContext, next: () => Promise<void>): Promise<void> => {
    // Looking for a body builds the real Request, which costs a read more than all the rest.
    if (!bodiless.has(c.req.method)) {
      await limitBody(c, large.get(c.req.path) ?? bodyBytesMax)
      if (isJson(c.req.header('content-type'))) await readText(c)
    }
    c.set('caller', await callers.find((name) => c.req.header(name)))
    await next()
  }
}

/** Only the type counts: the boundary of a form may contain any word. */
function isJson(contentType = ''): boolean {
  return contentType.split(';', 1)[0]?.toLowerCase().includes('json') === true
}

/** Reads the body once, for hono too. Invalid UTF-8 would be stored as other text than was sent. */
async function readText(c: AppContext): Promise<void> {
  const bytes = new Uint8Array(await orBrokenOff(c.req.raw.arrayBuffer()))
  if (!isUtf8(bytes)) {
    throw new Problem(400, 'malformed_body', 'The body is not UTF-8; send JSON in UTF-8.')
  }
  // hono keeps promises in this cache, although its types say otherwise.
  Object.assign(c.req.bodyCache, { text: Promise.resolve(utf8.decode(bytes)) })
}
