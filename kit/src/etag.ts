import { hash } from 'node:crypto'
import type { AppContext } from './app.ts'

/**
 * What the document of an operation says of `If-None-Match`. It is no schema of the headers: to validate one of them, all
 * are put together anew, which costs a read more than its work.
 */
export const takesIfNoneMatch = {
  parameters: [
    {
      in: 'header' as const,
      name: 'If-None-Match',
      schema: { type: 'string' as const },
      description: 'The ETag of what you have.',
    },
  ],
}

/** A strong entity tag of exactly this text. */
export function etagOf(text: string): string {
  return `"${hash('sha1', text, 'base64url')}"`
}

/** Whether a list of tags, as in If-None-Match, names this one; a weak tag means the same content, too. */
export function namesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  return header.split(',').some((listed) => listed.trim().replace(/^W\//, '') === etag)
}

/** The answer 200 with its tag, or 304 to a client that has just this. It may differ with the token, so caches ask again. */
export function taggedJson(c: AppContext, value: object, tag?: string): Response {
  const text = JSON.stringify(value)
  const etag = tag ?? etagOf(text)
  const headers = { etag, 'cache-control': 'no-cache', vary: 'Authorization' }
  if (namesEtag(c.req.header('if-none-match'), etag)) {
    return new Response(null, { status: 304, headers })
  }
  return new Response(text, { headers: { ...headers, 'content-type': 'application/json' } })
}
