import fc from 'fast-check'
import { avatarBodies } from './avatar.ts'
import type { Operation } from './document.ts'
import { hostileHeader, hostileText } from './hostile.ts'
import { type Body, type Mangling, manglings } from './mangling.ts'
import { orSpoilt, schemaValues, type Value } from './values.ts'

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
