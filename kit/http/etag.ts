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

/** What a client gets, and the tag that it can ask again with. */
export type Tagged = { text: string; etag: string }

export function tagged(value: object, etag?: string): Tagged {
  const text = JSON.stringify(value)
  return { text, etag: etag ?? etagOf(text) }
}

/** Makes the text of each source once, for as long as the source itself is kept. A source must never change. */
export function taggedOnce<Source extends object>(view: (source: Source) => object) {
  const made = new WeakMap<Source, Tagged>()
  return (source: Source): Tagged => {
    const known = made.get(source) ?? tagged(view(source))
    made.set(source, known)
    return known
  }
}

/** The answer 200 with its tag, or 304 to a client that has just this. It may differ with the token, so caches ask again. */
export function taggedAnswer(c: AppContext, { text, etag }: Tagged): Response {
  const headers = { etag, 'cache-control': 'no-cache', vary: 'Authorization' }
  if (namesEtag(c.req.header('if-none-match'), etag)) {
    return new Response(null, { status: 304, headers })
  }
  return new Response(text, { headers: { ...headers, 'content-type': 'application/json' } })
}
