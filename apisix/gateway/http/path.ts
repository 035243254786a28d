/**
 * The request target as nginx reads it into $uri: percent-decoded, slashes merged, dot segments
 * resolved. Routes are matched on this form and the upstream is sent the same form escaped again,
 * so gateway and service can never disagree about which path was asked for. Bytes that are not
 * ASCII stay one character each (latin1), as nginx compares bytes.
 */
export type Target = { readonly path: string; readonly query: string }

/** `null`: to be answered 400, by nginx too except for a backslash. */
export function readTarget(url: string): Target | null {
  const origin = url.charCodeAt(0) === slashCode ? url : originForm(url)
  if (origin === null) return null
  const hash = origin.indexOf('#')
  const target = hash === -1 ? origin : origin.slice(0, hash)
  const mark = target.indexOf('?')
  const raw = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark + 1)
  const path = isCanonical(raw) ? raw : canonicalPath(raw)
  return path === null ? null : { path, query }
}

/** A path put together by a rewrite that every reader splits into the same segments. */
export function isUnambiguous(path: string): boolean {
  return path.startsWith('/') && !hasBackslash(path) && !/\/\.{1,2}(?:\/|$)/.test(path)
}

/** nginx's escaping of a path (space, `#`, `%`, `?`, controls, all that is not ASCII) and `\\`. */
export function escapePath(path: string): string {
  return isPlain(path) ? path : path.replace(unsafeInPath, percent)
}

/** A query is passed on as it came; only what no HTTP parser would take is escaped. */
export function escapeQuery(query: string): string {
  return query.replace(unsafeInQuery, percent)
}

const slashCode = 47
const percentCode = 37
const dotCode = 46
const backslashCode = 92
const special = new Set([...'#%?\\'].map((character) => character.charCodeAt(0)))
// biome-ignore lint/suspicious/noControlCharactersInRegex: the controls are what must be escaped
const unsafeInPath = /[\u0000-\u0020#%?\\\u007f-\u00ff]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: the controls are what must be escaped
const unsafeInQuery = /[\u0000-\u0020#\u007f-\u00ff]/g

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** `GET http://host/path` is legal towards a proxy; only its path counts here. */
function originForm(url: string): string | null {
  const match = /^https?:\/\/[^/?#\\]*/i.exec(url)
  if (match === null) return null
  const rest = url.slice(match[0].length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

function isPlain(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code <= 32 || code >= 127 || special.has(code)) return false
  }
  return true
}

function isCanonical(path: string): boolean {
  let previous = 0
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code === percentCode || code === backslashCode) return false
    if (code <= 32 || code >= 127) return false
    if (previous === slashCode && (code === slashCode || code === dotCode)) return false
    previous = code
  }
  return true
}

function canonicalPath(raw: string): string | null {
  const decoded = decodeStrictly(raw)
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

/** WHATWG URLs read a backslash as a slash: a service could see another path than routes did. */
function hasBackslash(path: string): boolean {
  return path.includes('\\')
}

function decodeStrictly(raw: string): string | null {
  const decoded = decode(raw)
  return decoded === null || hasBackslash(decoded) ? null : decoded
}

/** An encoded slash or dot counts like a plain one afterwards; a NUL or a broken escape is refused. */
function decode(raw: string): string | null {
  if (!raw.includes('%')) return hasControl(raw) ? null : raw
  let text = ''
  for (let i = 0; i < raw.length; i++) {
    if (raw.charCodeAt(i) !== percentCode) {
      text += raw[i]
      continue
    }
    const hex = raw.slice(i + 1, i + 3)
    if (!/^[0-9a-f]{2}$/i.test(hex) || hex === '00') return null
    text += String.fromCharCode(Number.parseInt(hex, 16))
    i += 2
  }
  return text
}

function hasControl(raw: string): boolean {
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i)
    if (code <= 32 || code === 127) return true
  }
  return false
}
