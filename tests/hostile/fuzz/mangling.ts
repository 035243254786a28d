import type { Value } from './values.ts'

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
