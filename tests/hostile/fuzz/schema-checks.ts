import { z } from 'zod'

type Definitions = Readonly<Record<string, unknown>>
type FaultOf = (schema: object, definitions: Definitions, value: unknown) => string | null

/** Finds what a schema does not allow in a value. An undocumented field is a fault too. */
export function schemaChecks(): FaultOf {
  const checks = new WeakMap<object, z.ZodType>()
  return (schema, definitions, value) => {
    const check = checks.get(schema) ?? compile(schema, definitions)
    checks.set(schema, check)
    const { error } = check.safeParse(value)
    return error ? `It is not as documented: ${z.prettifyError(error)}` : null
  }
}

function compile(schema: object, definitions: Definitions): z.ZodType {
  return z.fromJSONSchema(closed({ ...schema, $defs: definitions }))
}

/** Forbids unknown fields in every object schema, and turns references into plain JSON Schema. */
function closed(schema: object) {
  const shape = z.record(z.string(), z.unknown())
  return shape.parse(
    JSON.parse(JSON.stringify(schema), (key, value) => {
      if (key === '$ref') return String(value).replace('#/components/schemas/', '#/$defs/')
      const isOpen = value?.type && value.properties && value.additionalProperties === undefined
      return isOpen ? { ...value, additionalProperties: false } : value
    }),
  )
}
