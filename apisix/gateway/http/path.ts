/**
 * The request target as nginx reads it into $uri: percent-decoded, slashes merged, dot segments
 * resolved. Routes are matched on this form and the upstream is sent the same form escaped again,
 * so gateway and service can never disagree about which path was asked for. Bytes that are not
 * ASCII stay one character each (latin1), as nginx compares bytes.
 */
export type Target = { readonly path: string; readonly query: string }

/** Returns `null` for what is to be answered 400; nginx does the same, except for a backslash. */
export function readTarget(url: string): Target | null {
  const target = originForm(url)?.replace(/#.*$/s, '')
  if (target === undefined) return null
  const [raw, query] = splitAtMark(target)
  const path = isCanonical(raw) ? raw : canonicalPath(raw)
  return path === null ? null : { path, query }
}

/** Splits at the first `?`. */
export function splitAtMark(target: string): [path: string, query: string] {
  const mark = target.indexOf('?')
  return mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
}

/** Whether every reader splits a path that a rewrite has made into the same segments. */
export function isUnambiguous(path: string): boolean {
  return path.startsWith('/') && !path.includes('\\') && !/\/\.{1,2}(?:\/|$)/.test(path)
}

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: the controls are what must be escaped
const unsafeInPath = /[\u0000-\u0020#%?\\\u007f-\u00ff]/g
const unsafeInQuery = /[\u0000-\u0020#\u007f-\u00ff]/g
const control = /[\u0000-\u0020\u007f]/
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: the controls are what must be escaped

/** Escapes what nginx escapes in a path, and the backslash. */
export function escapePath(path: string): string {
  return path.replace(unsafeInPath, percent)
}

/** Path and query for the upstream. Of a query, only what no HTTP parser would take is escaped. */
export function escapeTarget(path: string, query: string): string {
  const escaped = escapePath(path)
  return query === '' ? escaped : `${escaped}?${query.replace(unsafeInQuery, percent)}`
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** `GET http://host/path` is legal towards a proxy; only its path counts here. */
function originForm(url: string): string | undefined {
  if (url.startsWith('/')) return url
  const [origin] = /^https?:\/\/[^/?#\\]*/i.exec(url) ?? []
  if (origin === undefined) return undefined
  const rest = url.slice(origin.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

function isCanonical(path: string): boolean {
  return !/[^!-~]|[%\\]|\/[/.]/.test(path)
}

function canonicalPath(raw: string): string | null {
  const decoded = decode(raw)
  if (decoded === null) return null
  const segments: string[] = []
  const parts = decoded.split('/')
  for (const part of parts) {
    if (part === '' || part === '.') continue
    if (part !== '..') segments.push(part)
    else if (segments.pop() === undefined) return null
  }
  const endsInFolder = ['', '.', '..'].includes(parts.at(-1) ?? '') && segments.length > 0
  return `/${segments.join('/')}${endsInFolder ? '/' : ''}`
}

/** An encoded slash or dot counts like a plain one afterwards. */
function decode(raw: string): string | null {
  if (control.test(raw) || /%(?![0-9a-f]{2})|%00/i.test(raw)) return null
  const decoded = raw.replace(/%../g, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  )
  // WHATWG URLs read a backslash as a slash: a service could see another path than routes did.
  return decoded.includes('\\') ? null : decoded
}
