import { z } from 'zod'

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const

/** The part of JSON Schema that the documents use for requests. */
const schema = z.object({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.string()).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.int().default(0),
  maxLength: z.int().optional(),
  minimum: z.int().optional(),
  maximum: z.int().optional(),
  maxItems: z.int().optional(),
  required: z.array(z.string()).default([]),
  get items() {
    return schema.optional()
  },
  get properties() {
    return z.record(z.string(), schema).default({})
  },
})

const anyJson = z.record(z.string(), z.unknown())
const parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().default(false),
  schema,
})
const answer = z.object({
  description: z.string(),
  content: z.record(z.string(), z.object({ schema: anyJson })).default({}),
  headers: z.record(z.string(), z.object({ required: z.boolean().default(false) })).default({}),
})
const operation = z.object({
  security: z.array(anyJson).default([]),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema })) }).optional(),
  responses: z.record(z.string(), answer),
})
const openApi = z.object({
  paths: z.record(z.string(), z.partialRecord(z.enum(methods), operation)),
  components: z.object({ schemas: z.record(z.string(), anyJson) }),
})

export type Schema = z.output<typeof schema>
export type Schemas = Record<string, Schema>
export type Parameter = z.output<typeof parameter>
export type Response = z.output<typeof answer>
export type Operation = z.output<typeof operation> & {
  /** Such as `GET /users/{user_id}`. */
  key: string
  method: string
  path: string
  /** The schemas to which the references in a request point. */
  schemas: Schemas
  /** The same schemas in full, to validate responses. */
  definitions: Record<string, unknown>
}

export function readOperations(text: unknown): Operation[] {
  const { paths, components } = openApi.parse(text)
  const shared = {
    schemas: z.record(z.string(), schema).parse(components.schemas),
    definitions: components.schemas,
  }
  return Object.entries(paths).flatMap(([path, found]) =>
    methods.flatMap((name) => {
      const method = name.toUpperCase()
      const described = found[name]
      return described ? { ...described, ...shared, key: `${method} ${path}`, method, path } : []
    }),
  )
}

/** Finds the operation for a path as the gateway reads it. A path without an id takes precedence. */
export function findOperation(operations: readonly Operation[], method: string, path: string) {
  const given = path.split('/')
  const fits = operations.filter(
    (operation) => operation.method === method && isOf(operation.path.split('/'), given),
  )
  return fits.find((operation) => operation.path === path) ?? fits[0] ?? null
}

function isOf(template: readonly string[], given: readonly string[]): boolean {
  return (
    template.length === given.length &&
    template.every((part, at) => (part.startsWith('{') ? given[at] !== '' : part === given[at]))
  )
}
