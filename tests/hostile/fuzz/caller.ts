import fc from 'fast-check'
import type { Operation } from './document.ts'
import { hostileHeader } from './hostile.ts'
import { orSpoilt } from './values.ts'

/** The credentials of a request: a token of the world, possibly with an odd scheme; any text; or `null` for none. */
export type Caller =
  | { token: 'owner' | 'other' | 'staff'; scheme: string; rest: string }
  | { authorization: string }
  | null

const isForStaff = ({ path }: Operation): boolean => path.startsWith('/auth/admin/')

/** Mostly callers that may send the request. */
export function callers(operation: Operation, spoiltPercent: number): fc.Arbitrary<Caller> {
  const good = (token: 'owner' | 'other' | 'staff') => ({ token, scheme: 'Bearer ', rest: '' })
  const main = good(isForStaff(operation) ? 'staff' : 'owner')
  const isPublic = operation.security.every((way) => Object.keys(way).length === 0)
  const optional = operation.security.some((way) => Object.keys(way).length === 0)
  const usual: fc.Arbitrary<Caller> = isPublic
    ? fc.constant(null)
    : fc.constantFrom<Caller>(main, main, optional ? null : main)
  const unusual = fc.oneof<fc.Arbitrary<Caller>[]>(
    fc.constantFrom<Caller>(null, good('owner'), good('other'), good('staff')),
    fc.record({
      token: fc.constantFrom('owner', 'staff'),
      scheme: fc.constantFrom('bearer ', 'BEARER  ', 'Bearer\t', 'Basic ', '', 'Bearer "'),
      rest: fc.constantFrom('', ' ', '=', '.', ',', ' x', '\xff', 'A'),
    }),
    fc.record({
      authorization: fc.oneof(
        hostileHeader,
        hostileHeader.map((text) => `Bearer ${text}`),
        fc.constantFrom('Bearer', 'Bearer a.b.c', 'Bearer e30.e30.e30', 'Bearer ..'),
      ),
    }),
  )
  return orSpoilt(usual, unusual, spoiltPercent / 2)
}
