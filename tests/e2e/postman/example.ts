import { z } from 'zod'
import type { Schema, Schemas } from './document.ts'

const node = z.object({
  $ref: z.string().optional(),
  example: z.unknown().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).default([]),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  minimum: z.number().default(1),
  items: z.record(z.string(), z.unknown()).default({}),
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  required: z.array(z.string()).default([]),
})

const ofFormats: Readonly<Record<string, string>> = {
  date: '2000-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  email: 'testemail@example.com',
  password: '{{password}}',
  uuid: '00000000-0000-7000-8000-000000000000',
}

/** The example that a schema gives, or one that is made up; a token is the variable of its name. */
export function exampleOf(schema: Schema, schemas: Schemas, name = ''): unknown {
  const { $ref, ...given } = node.parse(schema)
  if ($ref) return exampleOf(schemas[$ref.split('/').at(-1) ?? ''] ?? {}, schemas, name)
  if (given.example !== undefined) return given.example
  if (given.default !== undefined) return given.default
  if (given.enum.length > 0) return given.enum[0]
  switch ([given.type].flat()[0]) {
    case 'object':
      return ofProperties(given, schemas)
    case 'array':
      return [exampleOf(given.items, schemas)]
    case 'integer':
    case 'number':
      return given.minimum
    case 'boolean':
      return true
    default:
      return name.endsWith('token') ? `{{${name}}}` : (ofFormats[given.format ?? ''] ?? 'text')
  }
}

/** What is required and what has an example; where nothing is required, everything: some of it will be wanted. */
function ofProperties({ properties, required }: z.output<typeof node>, schemas: Schemas) {
  const isShown = (name: string, property: Schema) =>
    required.length === 0 || required.includes(name) || 'example' in property
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name, property]) => isShown(name, property))
      .map(([name, property]) => [name, exampleOf(property, schemas, name)]),
  )
}
