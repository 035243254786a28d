import { z } from 'zod'
import type { Exchange } from '../http/exchange.ts'
import { findVariable } from './variable.ts'

/** A route's `vars`: triples such as ["arg_name", "==", "jack"], all of which must hold. */

type Operand = string | number | (string | number)[]
type Test = (actual: string | undefined) => boolean

const operators = {
  '==': (expected) => (actual) => actual === String(expected),
  '~=': (expected) => (actual) => actual !== String(expected),
  '>': (expected) => (actual) => Number(actual) > Number(expected),
  '>=': (expected) => (actual) => Number(actual) >= Number(expected),
  '<': (expected) => (actual) => Number(actual) < Number(expected),
  '<=': (expected) => (actual) => Number(actual) <= Number(expected),
  '~~': (expected) => toTest(new RegExp(String(expected))),
  '~*': (expected) => toTest(new RegExp(String(expected), 'i')),
  in: (expected) => {
    const listed = new Set([expected].flat().map(String))
    return (actual) => listed.has(actual ?? '')
  },
} satisfies Record<string, (expected: Operand) => Test>

function toTest(pattern: RegExp): Test {
  return (actual) => pattern.test(actual ?? '')
}

type Operator = keyof typeof operators

const patternOperators: ReadonlySet<Operator> = new Set(['~~', '~*'])

const scalar = z.string().or(z.number())
const operand = scalar.or(z.array(scalar))
const variable = z.string().refine((name) => findVariable(name) !== null, 'is not a known variable')
const operator = z.enum(Object.keys(operators) as [Operator, ...Operator[]])
const comparison = z
  .union([
    z.tuple([variable, operator, operand]),
    z.tuple([variable, z.literal('!'), operator, operand]),
  ])
  .transform((parts) => {
    const isNegated = parts.length === 4
    const [operator, expected] = isNegated ? [parts[2], parts[3]] : [parts[1], parts[2]]
    return { variable: parts[0], isNegated, operator, expected }
  })
  .refine(({ operator, expected }) => !patternOperators.has(operator) || isRegex(expected), {
    message: 'is not a regular expression',
  })
  .refine(({ operator, expected }) => Array.isArray(expected) === (operator === 'in'), {
    message: 'needs a list with in, and with nothing else',
  })

export const expressionSchema = z.array(comparison).min(1)
type Expression = z.output<typeof expressionSchema>

export function compileExpression(expression: Expression): (exchange: Exchange) => boolean {
  const tests = expression.map(({ variable, isNegated, operator, expected }) => {
    const read = findVariable(variable) ?? (() => undefined)
    const holds = operators[operator](expected)
    return (exchange: Exchange) => holds(read(exchange)) !== isNegated
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
