import fc from 'fast-check'
import { avatarBodies } from './avatar.ts'
import type { Operation } from './document.ts'
import { hostileHeader, hostileText } from './hostile.ts'
import { orSpoilt, schemaValues, type Value } from './values.ts'

/** Ways to spoil the JSON text of a value before it is sent. */
export const manglings = {
  none: (text) => Buffer.from(text),
  cut: (text) => Buffer.from(text.slice(0, Math.ceil(text.length / 2))),
  empty: () => Buffer.alloc(0),
  twice: (text) => Buffer.from(`${text}${text}`),
  repeatedKeys: (text) => Buffer.from(text.replace(/^\{(.+)\}$/s, '{$1,$1}')),
  trailingComma: (text) => Buffer.from(text.replace(/\}$/, ',}')),
  comment: (text) => Buffer.from(`/* */ ${text}`),
  singleQuotes: (text) => Buffer.from(text.replaceAll('"', "'")),
  byteOrderMark: (text) => Buffer.from(`\ufeff${text}`),
  utf16: (text) => Buffer.from(text, 'utf16le'),
  latin1: (text) => Buffer.from(text.replace(/"\}$/, '\xe9"}'), 'latin1'),
  brokenUtf8: (text) => Buffer.from(text.replace(/"\}$/, '\xed\xa0\x80"}'), 'latin1'),
  rawControl: (text) => Buffer.from(text.replace(/"\}$/, '\0\n\x1f"}')),
  blanks: (text) => Buffer.from(` \r\n\t${text}${' '.repeat(5_000)}`),
  notANumber: (text) => Buffer.from(text.replace(/:[^,}]+/, ':NaN')),
  hugeNumber: (text) => Buffer.from(text.replace(/:[^,}]+/, `:${'9'.repeat(5_000)}`)),
  deep: (text) => Buffer.from(text.replace(/:[^,}]+/, `:${nested(20_000)}`)),
  deepAlone: () => Buffer.from(nested(100_000)),
  manyKeys: () => Buffer.from(`{${Array.from({ length: 5_000 }, (_, at) => `"k${at}":0`).join()}}`),
  tooLarge: (text) => Buffer.from(text.replace(/"\}$/, `${'a'.repeat(300_000)}"}`)),
} satisfies Record<string, (text: string) => Buffer>

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

export type Mangling = keyof typeof manglings

export type Body = {
  /** `null` for no type. */
  type: string | null
  /** Sent in chunks, without an announced length. */
  isChunked: boolean
  content: { value: Value; mangling: Mangling } | { base64: string }
}

const json = 'application/json'
const manglingNames: fc.Arbitrary<Mangling> = fc.constantFrom(
  'none',
  ...Object.keys(manglings).filter((name): name is Mangling => name in manglings),
)

const otherTypes = fc.oneof(
  fc.constantFrom(
    ...[null, '', 'text/plain', 'application/xml', 'APPLICATION/JSON', 'application/json;', 'json'],
    ...['application/json; charset=utf-16', 'application/json; charset="x', 'application/ld+json'],
    ...['multipart/form-data', 'multipart/form-data; boundary=x', 'application/jsonp', ';', '*/*'],
    ...['application/x-www-form-urlencoded', 'application/json, text/plain', 'image/png'],
  ),
  hostileHeader,
)

export function bodies(operation: Operation, spoiltPercent: number): fc.Arbitrary<Body | null> {
  const { [json]: described } = operation.requestBody?.content ?? {}
  if (!described) return avatarBodies(spoiltPercent)
  const values = schemaValues(described.schema, { operation, spoiltPercent })
  const given: fc.Arbitrary<Body | null> = jsonBodies(values, spoiltPercent)
  return orSpoilt(given, fc.constant(null), spoiltPercent / 20)
}

function jsonBodies(values: fc.Arbitrary<Value>, spoiltPercent: number): fc.Arbitrary<Body> {
  return fc.record({
    type: orSpoilt<string | null>(fc.constant(json), otherTypes, spoiltPercent / 5),
    isChunked: orSpoilt(fc.constant(false), fc.boolean(), spoiltPercent / 2),
    content: fc.record({
      value: values,
      mangling: orSpoilt<Mangling>(fc.constant('none'), manglingNames, spoiltPercent / 3),
    }),
  })
}

/** Bodies for operations without one. */
export function strayBodies(spoiltPercent: number): fc.Arbitrary<Body | null> {
  const stray = jsonBodies(fc.oneof(hostileText, fc.constant({})), 60)
  return orSpoilt<Body | null>(fc.constant(null), stray, spoiltPercent / 4)
}
