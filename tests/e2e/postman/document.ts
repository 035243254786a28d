import { z } from 'zod'

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const

const schema = z.record(z.string(), z.unknown())
const parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().default(false),
  schema,
})
const json = z.object({ schema: z.object({ properties: schema.default({}) }) })
const operation = z.object({
  tags: z.tuple([z.string()], z.string()),
  summary: z.string(),
  description: z.string().optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))).default([]),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema })) }).optional(),
  responses: z.record(
    z.string(),
    z.object({
      description: z.string(),
      content: z.object({ 'application/json': json.optional() }).default({}),
    }),
  ),
})

/** As much of an OpenAPI document as a collection says; any other method or place of a parameter is refused. */
const openApi = z.object({
  info: z.object({ description: z.string() }),
  paths: z.record(z.string(), z.strictObject(optional(operation))),
  components: z.object({ schemas: z.record(z.string(), schema) }),
})

export type Schema = z.output<typeof schema>
export type Schemas = Record<string, Schema>
export type Parameter = z.output<typeof parameter>
export type Operation = z.output<typeof operation> & {
  service: string
  /** As `GET /users/{user_id}`. */
  key: string
  method: string
  path: string
  /** What the references in it point to. */
  schemas: Schemas
}
export type Document = { service: string; description: string; operations: Operation[] }

/** The operations are sorted, so that it does not matter in which order a service mounts them. */
export function readDocument(service: string, text: unknown): Document {
  const { info, paths, components } = openApi.parse(text)
  const operations = Object.keys(paths)
    .sort()
    .flatMap((path) =>
      methods.flatMap((name) => {
        const found = paths[path]?.[name]
        const method = name.toUpperCase()
        const key = `${method} ${path}`
        return found ? { ...found, service, key, method, path, schemas: components.schemas } : []
      }),
    )
  return { service, description: info.description, operations }
}

function optional<S extends z.ZodType>(shape: S) {
  const part = shape.optional()
  return { get: part, post: part, put: part, patch: part, delete: part }
}
