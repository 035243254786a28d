import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { z } from 'zod'
import { prepare } from './prepare.ts'

const item = z.looseObject({
  name: z.string(),
  request: z.looseObject({
    name: z.string(),
    method: z.string(),
    url: z.looseObject({ path: z.array(z.string()) }),
    body: z.looseObject({}).optional(),
  }),
})
const folder = z.object({ name: z.string(), item: z.array(item) })
const collection = z.object({
  info: z.object({ description: z.string() }),
  item: z.array(folder),
})

export type Item = z.output<typeof item>
/** The OpenAPI document of a service as text. */
export type Document = { service: string; text: string }

/** Converts an OpenAPI document into a Postman folder, with a subfolder for each tag. */
export async function convert({ service, text }: Document) {
  // Loaded on demand, because the packages of this folder may have to be installed first.
  const { convertV2 } = createRequire(import.meta.url)('openapi-to-postmanv2')
  const { output, reason } = await promisify(convertV2)(
    { type: 'json', data: prepare(text) },
    {
      folderStrategy: 'Tags',
      parametersResolution: 'Example',
      enableOptionalParameters: false,
      includeAuthInfoInExample: false,
      preferredRequestBodyType: 'form-data',
    },
  )
  if (!output) throw new Error(`The document of ${service} cannot be converted: ${reason}`)
  const tidied = JSON.stringify(output[0].data, tidy).replaceAll('{{baseUrl}}', '{{base_url}}')
  const { info, item: tags } = collection.parse(JSON.parse(tidied))
  return {
    name: service,
    description: info.description,
    item: tags
      .map(({ name, item: items }) => ({ name, item: items.sort(by(orderOf)) }))
      .sort(by(({ name }) => name)),
  }
}

/** Such as `GET /users/:user_id`. */
export function keyOf({ request: { method, url } }: Item): string {
  return `${method} /${url.path.join('/')}`
}

/** Omits random and empty values, the token, and the boundary of a form. */
function tidy(key: string, value: unknown): unknown {
  if (key === 'id') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value) && key === 'header') return value.filter(isNotForm)
  const { type, content } = Object(value)
  if (type === 'text/plain') return content.trim() || undefined
  if (key === 'auth' && type === 'bearer') return undefined
  return Object.keys(value).length > 0 ? value : undefined
}

function orderOf({ request: { method, url } }: Item): string {
  return `${url.path.join('/')} ${['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].indexOf(method)}`
}

function by<T>(key: (value: T) => string) {
  return (a: T, b: T) => (key(a) < key(b) ? -1 : 1)
}

/** Postman itself sets this header for a form, with its boundary. */
function isNotForm({ value }: { value?: unknown }): boolean {
  return value !== 'multipart/form-data'
}
