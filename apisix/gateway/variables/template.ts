import { z } from 'zod'
import type { Exchange } from '../http/exchange.ts'
import { findVariable } from './variable.ts'

/** A text with `$variables`. An unknown one is refused at load, not left empty later. */
export const templateSchema = z.string().superRefine((text, context) => {
  const unknown = findUnknownVariable(text)
  if (unknown !== null) context.addIssue(`has an unknown variable $${unknown}`)
})

const reference = /\$(?:\{(\w+)\}|(\w+))/g

/** The first name in a template that is no variable; `null` when all are known. */
export function findUnknownVariable(template: string): string | null {
  for (const [, braced, bare] of template.matchAll(reference)) {
    const name = braced ?? bare ?? ''
    if (!/^\d+$/.test(name) && findVariable(name) === null) return name
  }
  return null
}

/** Compiles `$name` and `${name}`; a variable without a value becomes nothing. */
export function compileTemplate(template: string): (exchange: Exchange) => string {
  if (!template.includes('$')) return () => template
  return (exchange) =>
    template.replace(reference, (whole, braced: string | undefined, bare: string | undefined) => {
      const variable = findVariable(braced ?? bare ?? '')
      return variable === null ? whole : (variable(exchange) ?? '')
    })
}

const fieldName = z.string().regex(/^[^:\s]+$/)

export const fieldNamesSchema = z.array(fieldName)
/** Headers by name, each value a template. */
export const fieldTemplatesSchema = z.record(fieldName, templateSchema.or(z.number()))

export type FieldTemplate = readonly [name: string, value: (exchange: Exchange) => string]

export function compileFields(templates: z.output<typeof fieldTemplatesSchema>): FieldTemplate[] {
  return Object.entries(templates).map(([name, value]) => [
    name.toLowerCase(),
    compileTemplate(String(value)),
  ])
}
