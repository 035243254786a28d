export type Answer = { status: number; body: string }

export type Ask = {
  method?: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: unknown
}

/** A request as it goes over the wire; a body goes as JSON. */
export function requestText(
  host: string,
  { method = 'GET', path, headers = {}, body }: Ask,
): string {
  const text = body === undefined ? '' : JSON.stringify(body)
  const all = {
    host,
    ...headers,
    ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`
}

/** The answer at the beginning of what has arrived, read as latin1, and its length; `null` while it is not whole. */
export function parseAnswer(text: string): { answer: Answer; length: number } | null {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const head = text.slice(0, headEnd).toLowerCase()
  const status = Number(head.slice(9, 12))
  const from = headEnd + 4
  if (status === 204 || status === 304) return { answer: { status, body: '' }, length: from }
  if (head.includes('\r\ntransfer-encoding: chunked')) return parseChunks(text, from, status)
  const length = from + Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0)
  if (text.length < length) return null
  return { answer: { status, body: text.slice(from, length) }, length }
}

function parseChunks(text: string, from: number, status: number) {
  let body = ''
  for (let at = from; ; ) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd < 0) return null
    const size = Number.parseInt(text.slice(at, lineEnd), 16)
    const end = lineEnd + 2 + size + 2
    if (text.length < end) return null
    if (size === 0) return { answer: { status, body }, length: end }
    body += text.slice(lineEnd + 2, end - 2)
    at = end
  }
}
