import fc from 'fast-check'
import { bodies, strayBodies } from './body.ts'
import { type Caller, callers } from './caller.ts'
import type { Operation, Parameter } from './document.ts'
import { hostileHeader, hostileTarget, hostileText } from './hostile.ts'
import type { Body } from './mangling.ts'
import { fieldValues, orSpoilt, type Value } from './values.ts'

/** `raw` is put into the request line unchanged. */
export type Text = Value | { raw: string }

/** Not an object, because a name may appear twice or be `__proto__`. */
type Pairs<T> = (readonly [string, T])[]

/** A request with placeholders for things that exist in the world. */
export type Draft = {
  caller: Caller
  path: Record<string, Text>
  query: Pairs<Text>
  headers: Pairs<Value>
  body: Body | null
}

/** Some requests are valid, some have one flaw, and some have many. */
export function drafts(operation: Operation): fc.Arbitrary<Draft> {
  return fc.oneof(
    { weight: 45, arbitrary: draftsWith(operation, 0) },
    { weight: 30, arbitrary: draftsWith(operation, 15) },
    { weight: 25, arbitrary: draftsWith(operation, 60) },
  )
}

export const goodDrafts = (operation: Operation) => draftsWith(operation, 0)

function draftsWith(operation: Operation, spoiltPercent: number): fc.Arbitrary<Draft> {
  const options = { operation, spoiltPercent }
  const named = (place: Parameter['in']) => operation.parameters.filter((each) => each.in === place)
  const path = named('path').map(({ name, schema }) => [
    name,
    orSpoilt<Text>(fieldValues(name, schema, options), rawText, spoiltPercent / 4),
  ])
  const query = named('query').map(({ name, schema }) =>
    maybe<Text>(name, orSpoilt(fieldValues(name, schema, options), rawText, spoiltPercent / 4)),
  )
  const headers = named('header').map(({ name, schema }) => {
    const good = fc.oneof(fieldValues(name, schema, { operation, spoiltPercent: 0 }), conditions)
    return maybe<Value>(name, orSpoilt(good, hostileHeader, spoiltPercent))
  })
  return fc.record({
    caller: callers(operation, spoiltPercent),
    path: fc.record(Object.fromEntries(path)),
    query: fc
      .tuple(
        fc.tuple(...query),
        orSpoilt(fc.constant<Pairs<Text>>([]), strayQuery, spoiltPercent / 4),
      )
      .map(([known, stray]) => [...known.flat(), ...stray]),
    headers: fc
      .tuple(
        fc.tuple(...headers),
        orSpoilt(fc.constant<Pairs<Value>>([]), strayHeaders, spoiltPercent / 4),
      )
      .map(([known, stray]) => [...known.flat(), ...stray]),
    body: operation.requestBody ? bodies(operation, spoiltPercent) : strayBodies(spoiltPercent),
  })
}

/** ETags that match everything or nothing. As an idempotency key, `again` repeats an earlier request. */
const conditions = fc.constantFrom<Value>('*', 'again', '"1.aaaaaaaaaaa"', 'W/"x"')

const rawText = hostileTarget.map((raw) => ({ raw }))

function maybe<T>(name: string, values: fc.Arbitrary<T>): fc.Arbitrary<Pairs<T>> {
  const present = values.map((value): Pairs<T> => [[name, value]])
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant<Pairs<T>>([]) },
    { weight: 4, arbitrary: present },
  )
}

const strayNames = fc.constantFrom(
  'limit',
  'cursor',
  'q',
  '__proto__',
  'limit[]',
  'a.b',
  '',
  'size',
)
const strayQuery: fc.Arbitrary<Pairs<Text>> = fc.array(
  fc.tuple(strayNames, fc.oneof<fc.Arbitrary<Text>[]>(hostileText, rawText)),
  { minLength: 1, maxLength: 3 },
)

const strayHeaderNames = fc.constantFrom(
  ...[
    'x-request-id',
    'x-user-id',
    'x-user-roles',
    'x-user-assertion',
    'x-forwarded-for',
    'forwarded',
  ],
  ...['accept', 'accept-encoding', 'accept-language', 'cookie', 'origin', 'range', 'user-agent'],
  ...['if-match', 'if-none-match', 'if-modified-since', 'x-http-method-override', 'x-original-url'],
)
const strayHeaders: fc.Arbitrary<Pairs<Value>> = fc.uniqueArray(
  fc.tuple(strayHeaderNames, hostileHeader),
  { minLength: 1, maxLength: 3, selector: ([name]) => name },
)
