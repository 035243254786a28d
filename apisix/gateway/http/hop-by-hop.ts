import { type Fields, joinField, removeField } from '@ego/kit/fast/fields'

/** Fields about one connection and not about the message: they end here, both ways. */
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

export function isHopByHop(name: string): boolean {
  return hopByHop.has(name)
}

/** A client may not use `Connection:` to drop what frames or addresses its own message. */
const notNameable = new Set(['content-length', 'content-type', 'host'])

/**
 * Splits what the client sent into the fields that go upstream and those that end here. The first
 * list has no field that `Connection:` names, and no name with an underscore: nginx drops these too
 * (`underscores_in_headers off` in config.yaml).
 */
export function readRequestFields(raw: readonly string[]): { fields: Fields; hopFields: Fields } {
  const fields: Fields = []
  const hopFields: Fields = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase()
    if (name.includes('_')) continue
    const list = hopByHop.has(name) ? hopFields : fields
    list.push(name, raw[i + 1] ?? '')
  }
  for (const token of joinField(hopFields, 'connection')?.toLowerCase().split(',') ?? []) {
    const name = token.trim()
    if (!notNameable.has(name)) removeField(fields, name)
  }
  return { fields, hopFields }
}
