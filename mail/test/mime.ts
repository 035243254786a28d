export type ReadMail = { headers: Map<string, string[]>; text: string; html: string }

/** Reads a multipart message as a mail program does, by code that is not the sender's. */
export function readMime(raw: string): ReadMail {
  const { headers, body } = split(raw)
  const boundary = /boundary="([^"]+)"/.exec(one(headers, 'content-type'))?.[1] ?? ''
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r\n/, '').replace(/\r\n$/, '')))
  const bodyOf = (type: string) => {
    const part = parts.find((candidate) => one(candidate.headers, 'content-type').startsWith(type))
    if (!part) throw new Error(`There is no ${type}.`)
    return decode(part.body, one(part.headers, 'content-transfer-encoding'))
  }
  return { headers, text: bodyOf('text/plain'), html: bodyOf('text/html') }
}

/** The only header of that name. */
export function one(headers: ReadMail['headers'], name: string): string {
  const values = headers.get(name) ?? []
  if (values.length !== 1) throw new Error(`There are ${values.length} headers ${name}.`)
  return values[0] ?? ''
}

function split(raw: string) {
  const at = raw.indexOf('\r\n\r\n')
  const headers = new Map<string, string[]>()
  for (const line of raw
    .slice(0, at)
    .replace(/\r\n[ \t]/g, ' ')
    .split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? []
    headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), value])
  }
  return { headers, body: raw.slice(at + 4) }
}

function decode(body: string, encoding: string): string {
  const bytes =
    encoding === 'base64'
      ? Buffer.from(body, 'base64')
      : Buffer.from(encoding === 'quoted-printable' ? quotedPrintable(body) : body, 'latin1')
  return bytes.toString().replaceAll('\r\n', '\n')
}

function quotedPrintable(body: string): string {
  return body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
