import fc from 'fast-check'
import type { Operation, Schema } from './document.ts'
import { hostileText } from './hostile.ts'
import { findKnown, type Known } from './known.ts'

/** A value of a request. Known values are filled in when it is sent. */
export type Value = string | number | boolean | null | Known | Value[] | Fields

type Fields = { [name: string]: Value | undefined }

/** `spoiltPercent` is the share of invalid fields. */
type Options = { operation: Operation; spoiltPercent: number }

/** Values of one field: mostly valid ones, or ids and the like that exist. */
export function fieldValues(name: string, schema: Schema, options: Options): fc.Arbitrary<Value> {
  const { operation, spoiltPercent } = options
  const known = findKnown(operation.key, name)
  const good = known.length > 0 ? fc.constantFrom<Value>(...known) : schemaValues(schema, options)
  return orSpoilt(good, spoiltValues(schema), spoiltPercent)
}

export function schemaValues(schema: Schema, options: Options): fc.Arbitrary<Value> {
  const { operation } = options
  const target = schema.$ref && operation.schemas[schema.$ref.replace(/^.*\//, '')]
  if (target) return schemaValues(target, options)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const [type] = [schema.type].flat()
  if (type === 'object') return objects(schema, options)
  if (type === 'array') {
    const items = schema.items ? schemaValues(schema.items, options) : fc.constant(null)
    return fc.array(items, { maxLength: Math.min(schema.maxItems ?? 3, 3) })
  }
  if (type === 'integer') {
    const { minimum: min = far, maximum: max = far + 1_000_000 } = schema
    return fc.integer({ min, max })
  }
  if (type === 'boolean') return fc.boolean()
  return texts(schema)
}

/** Ids of no account: staff that happened to disable the admin of the platform could end the whole run. */
const far = 4_000_000_000

function objects(schema: Schema, options: Options): fc.Arbitrary<Value> {
  const names = Object.entries(schema.properties)
  const fields = Object.fromEntries(
    names.map(([name, property]) => [name, fieldValues(name, property, options)]),
  )
  const whole: fc.Arbitrary<Fields> = fc.record(fields, { requiredKeys: schema.required })
  const spoilt = fc.oneof(
    fc.record(fields, { requiredKeys: [] }),
    fc
      .tuple(whole, extraName, oddValues)
      .map(([value, name, extra]) => ({ ...value, [name]: extra })),
    oddValues,
  )
  return orSpoilt(whole, spoilt, options.spoiltPercent / 2)
}

const extraName = fc.constantFrom('__proto__', 'constructor', 'extra', '', 'user_id', 'roles', '~/')

function texts(schema: Schema): fc.Arbitrary<string> {
  const { pattern, format, minLength, maxLength = 60 } = schema
  if (pattern) return fc.stringMatching(new RegExp(pattern))
  if (format === 'uuid') return fc.uuid()
  if (format === 'date') return days.map((date) => date.toISOString().slice(0, 10))
  if (format === 'date-time') return days.map((date) => date.toISOString())
  if (format === 'email') return fc.stringMatching(/^[a-z][a-z0-9]{9,20}@example\.com$/)
  return fc.string({ unit: letters, minLength: Math.max(minLength, 1), maxLength })
}

/** Fewer characters than in fast-check, which would search all of Unicode for each string. */
const letters = fc.constantFrom(
  ...'abcdefghij XYZ 0189 .,-_!?',
  'é',
  'ß',
  'Ж',
  '漢',
  'ا',
  '🙂',
  '👩‍👩‍👧',
)

const days = fc.date({
  min: new Date('1900-01-01'),
  max: new Date('2026-01-01'),
  noInvalidDate: true,
})

function spoiltValues(schema: Schema): fc.Arbitrary<Value> {
  const { minimum, maximum, minLength, maxLength } = schema
  const numbers = [minimum, maximum].flatMap((edge) => (edge === undefined ? [] : around(edge)))
  const sizes = [minLength, maxLength].flatMap((edge) => (edge === undefined ? [] : around(edge)))
  const edges: Value[] = [
    ...numbers,
    ...sizes.filter((size) => size >= 0).flatMap((size) => ['a'.repeat(size), '😀'.repeat(size)]),
    ...(schema.enum ?? []).flatMap((word) => [word.toUpperCase(), `${word} `, word.slice(1)]),
  ]
  const other = fc.oneof({ weight: 4, arbitrary: hostileText }, { weight: 1, arbitrary: oddValues })
  return edges.length > 0 ? fc.oneof(fc.constantFrom(...edges), other) : other
}

const around = (edge: number): number[] => [edge - 1, edge, edge + 1]

/** JSON values of wrong types; in a path or a query they are sent as text. */
const oddValues: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, true, 0, -1, 1.5, 2 ** 53, 1e308, 5e-324, [], {}, [[]], ['x', null]),
  fc.constantFrom<Value>({ a: { b: { c: [] } } }, { ['__proto__']: { roles: ['staff'] } }, [
    'a',
    'a',
  ]),
  fc.array(hostileText, { maxLength: 12 }),
  fc.dictionary(hostileText, hostileText, { maxKeys: 3 }),
)

export function orSpoilt<T>(good: fc.Arbitrary<T>, spoilt: fc.Arbitrary<T>, spoiltPercent: number) {
  if (spoiltPercent === 0) return good
  return fc.oneof(
    { weight: Math.round(100 - spoiltPercent), arbitrary: good },
    { weight: Math.round(spoiltPercent), arbitrary: spoilt },
  )
}
