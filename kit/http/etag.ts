import { hash } from 'node:crypto'
import type { AppContext } from './context.ts'

/**
 * Documents `If-None-Match` for an operation. Not a header schema: to validate one header, all of them are copied, which
 * costs a read more than its work.
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

/** The strong entity tag of this text. */
export function etagOf(text: string): string {
  return `"${hash('sha1', text, 'base64url')}"`
}

/** Whether a list of tags, as in If-None-Match, contains this one. A weak tag matches too. */
export function namesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  return header.split(',').some((listed) => listed.trim().replace(/^W\//, '') === etag)
}

/** A response text with its entity tag. */
export type Tagged = { text: string; etag: string }

export function tagged(value: object, etag?: string): Tagged {
  const text = JSON.stringify(value)
  return { text, etag: etag ?? etagOf(text) }
}

/** Renders the text of each source once and keeps it as long as the source itself. A source must never change. */
export function taggedOnce<Source extends object>(view: (source: Source) => object) {
  const made = new WeakMap<Source, Tagged>()
  return (source: Source): Tagged => {
    const known = made.get(source) ?? tagged(view(source))
    made.set(source, known)
    return known
  }
}

/** Responds with 200, or with 304 when the client has this version. The response depends on the token, so caches must revalidate. */
export function taggedAnswer(c: AppContext, { text, etag }: Tagged): Response {
  const headers = { etag, 'cache-control': 'no-cache', vary: 'Authorization' }
  if (namesEtag(c.req.header('if-none-match'), etag)) {
    return new Response(null, { status: 304, headers })
  }
  return new Response(text, { headers: { ...headers, 'content-type': 'application/json' } })
}
