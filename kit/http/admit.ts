import { isUtf8 } from 'node:buffer'
import type { AppContext } from './app.ts'
import { limitBody, orBrokenOff } from './body-limit.ts'
import type { Callers } from './identity/caller.ts'
import { Problem } from './problem.ts'

const bodyBytesMax = 256 * 1024
const bodiless = new Set(['GET', 'HEAD'])
const utf8 = new TextDecoder()

/**
 * What comes before every operation, in one step: a step of its own would cost a read as much as its work does. The whole
 * body is waited for before the caller is looked at: a request that is held open must not outlive its session.
 */
export function admit(callers: Callers, largeBodies: Readonly<Record<string, number>>) {
  const large = new Map(Object.entries(largeBodies))
  return async (c: AppContext, next: () => Promise<void>): Promise<void> => {
    // Looking for a body makes the real request be built, which costs a read more than all the rest.
    if (!bodiless.has(c.req.method)) {
      await limitBody(c, large.get(c.req.path) ?? bodyBytesMax)
      if (isJson(c.req.header('content-type'))) await readText(c)
    }
    c.set('caller', await callers.find((name) => c.req.header(name)))
    await next()
  }
}

/** The type alone: the boundary of a form may be any word. */
function isJson(contentType = ''): boolean {
  return contentType.split(';', 1)[0]?.toLowerCase().includes('json') === true
}

/** Reads it once, for hono too. What is not UTF-8 would be stored as something else than was sent. */
async function readText(c: AppContext): Promise<void> {
  const bytes = new Uint8Array(await orBrokenOff(c.req.raw.arrayBuffer()))
  if (!isUtf8(bytes)) {
    throw new Problem(400, 'malformed_body', 'The body is not UTF-8; send JSON in UTF-8.')
  }
  // hono keeps promises there, whatever its types say.
  Object.assign(c.req.bodyCache, { text: Promise.resolve(utf8.decode(bytes)) })
}
