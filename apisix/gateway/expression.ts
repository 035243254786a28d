import { z } from 'zod'
import type { Exchange } from './exchange.ts'
import { findVariable } from './variable.ts'

/** A route's `vars`: triples such as ["arg_name", "==", "jack"], all of which must hold. */

const operators = {
  '==': (actual, expected) => actual === String(expected),
  '~=': (actual, expected) => actual !== String(expected),
  '>': (actual, expected) => Number(actual) > Number(expected),
  '>=': (actual, expected) => Number(actual) >= Number(expected),
  '<': (actual, expected) => Number(actual) < Number(expected),
  '<=': (actual, expected) => Number(actual) <= Number(expected),
  '~~': (actual, expected) => new RegExp(String(expected)).test(actual ?? ''),
  '~*': (actual, expected) => new RegExp(String(expected), 'i').test(actual ?? ''),
  in: (actual, expected) =>
    [expected]
      .flat()
      .map(String)
      .includes(actual ?? ''),
} satisfies Record<string, (actual: string | undefined, expected: Operand) => boolean>

type Operand = string | number | (string | number)[]
type Operator = keyof typeof operators

const operand = z.string().or(z.number())
const variable = z.string().refine((name) => findVariable(name) !== null, 'is not a known variable')
const operator = z.enum(Object.keys(operators) as [Operator, ...Operator[]])
const comparison = z
  .union([
    z.tuple([variable, operator, operand.or(z.array(operand))]),
    z.tuple([variable, z.literal('!'), operator, operand.or(z.array(operand))]),
  ])
  .refine(
    ([, ...rest]) => !rest.includes('~~') || isRegex(rest.at(-1)),
    'is not a regular expression',
  )

export const expressionSchema = z.array(comparison).min(1)
export type Expression = z.output<typeof expressionSchema>

export function compileExpression(expression: Expression): (exchange: Exchange) => boolean {
  const tests = expression.map((comparison) => {
    const isNegated = comparison.length === 4
    const [operator, expected] = isNegated
      ? [comparison[2], comparison[3]]
      : [comparison[1], comparison[2]]
    const read = findVariable(comparison[0]) ?? (() => undefined)
    return (exchange: Exchange) => operators[operator](read(exchange), expected) !== isNegated
  })
  return (exchange) => tests.every((test) => test(exchange))
}

export function isRegex(source: unknown): boolean {
  try {
    new RegExp(String(source))
    return true
  } catch {
    return false
  }
}
