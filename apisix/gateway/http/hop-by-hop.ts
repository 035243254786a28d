import { type Fields, removeField } from '@ego/kit/http/fast/fields'

/** Fields that speak about one connection, never about the message: they end here, both ways. */
const hopByHop = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** A client may not use `Connection:` to drop what frames or addresses its own message. */
const notNameable = new Set(['content-length', 'content-type', 'host'])

/**
 * What the client sent, without hop-by-hop fields and those it names in `Connection:`. Names with
 * an underscore are dropped as nginx drops them (`underscores_in_headers off` in config.yaml).
 */
export function readRequestFields(raw: readonly string[]): Fields {
  const fields: Fields = []
  let connection = ''
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase()
    const value = raw[i + 1] ?? ''
    if (name === 'connection') connection += `,${value}`
    if (!hopByHop.has(name) && !name.includes('_')) fields.push(name, value)
  }
  if (connection !== '') dropNamed(fields, connection)
  return fields
}

export function isHopByHop(name: string): boolean {
  return hopByHop.has(name)
}

function dropNamed(fields: Fields, connection: string): void {
  for (const token of connection.toLowerCase().split(',')) {
    const name = token.trim()
    if (name !== '' && !notNameable.has(name)) removeField(fields, name)
  }
}
