import type { Operation, Parameter } from './document.ts'
import { exampleOf } from './example.ts'

type Field = { key: string; value: string; description?: string; disabled?: true }
type Auth =
  | { type: 'noauth' }
  | { type: 'bearer'; bearer: { key: 'token'; value: string; type: 'string' }[] }
type Body =
  | { mode: 'raw'; raw: string; options: { raw: { language: 'json' } } }
  | { mode: 'formdata'; formdata: { key: string; type: 'file'; src: null }[] }

export type Request = {
  method: string
  header: Field[]
  auth: Auth
  url: { raw: string; host: string[]; path: string[]; query: Field[]; variable: Field[] }
  body?: Body
  description: string
}

/** What takes the place of the examples. */
export type Given = {
  /** The variable with the token. */
  token?: string
  path?: Readonly<Record<string, string>>
  query?: Readonly<Record<string, string>>
  body?: unknown
}

/** The request of an operation as Postman has it. A path is filled from variables, what is optional is switched off. */
export function requestOf(operation: Operation, given: Given = {}): Request {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1').slice(1)
  const query = fieldsOf(operation, 'query', given.query)
  const asked = query.filter(({ disabled }) => !disabled).map(({ key, value }) => `${key}=${value}`)
  const search = asked.length > 0 ? `?${asked.join('&')}` : ''
  const body = bodyOf(operation, given.body)
  return {
    method: operation.method,
    header: [...contentType(body), ...fieldsOf(operation, 'header')],
    auth: authOf(operation, given.token),
    url: {
      raw: `{{base_url}}/${path}${search}`,
      host: ['{{base_url}}'],
      path: path.split('/'),
      query,
      variable: operation.parameters
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => ({ key: name, value: given.path?.[name] ?? `{{${name}}}` })),
    },
    ...(body && { body }),
    description: describe(operation),
  }
}

/** A token that is empty is not sent, so what works without one gets it too. */
function authOf({ security }: Operation, token = 'access_token'): Auth {
  if (!security.some((scheme) => 'bearer' in scheme)) return { type: 'noauth' }
  return { type: 'bearer', bearer: [{ key: 'token', value: `{{${token}}}`, type: 'string' }] }
}

function fieldsOf(
  { parameters, schemas }: Operation,
  place: Parameter['in'],
  given: Readonly<Record<string, string>> = {},
): Field[] {
  return parameters
    .filter((parameter) => parameter.in === place)
    .map(({ name, required, schema }) => ({
      key: name,
      value: given[name] ?? String(exampleOf(schema, schemas, name)),
      ...(typeof schema.description === 'string' && { description: schema.description }),
      ...(!required && !(name in given) && { disabled: true as const }),
    }))
}

function bodyOf({ requestBody, schemas }: Operation, given: unknown): Body | undefined {
  const json = requestBody?.content['application/json']
  if (json) {
    const raw = JSON.stringify(given ?? exampleOf(json.schema, schemas), null, 2)
    return { mode: 'raw', raw, options: { raw: { language: 'json' } } }
  }
  const form = requestBody?.content['multipart/form-data']
  if (!form) return undefined
  const fields = Object.keys(Object(exampleOf(form.schema, schemas)))
  return { mode: 'formdata', formdata: fields.map((key) => ({ key, type: 'file', src: null })) }
}

/** The one of a form is said by who sends it: there is a boundary in it. */
function contentType(body: Body | undefined): Field[] {
  return body?.mode === 'raw' ? [{ key: 'content-type', value: 'application/json' }] : []
}

function describe({ description, responses }: Operation): string {
  const answers = Object.entries(responses).map(([status, answer]) => {
    return `- ${status}: ${answer.description}`
  })
  return [description, ['Answers:', ...answers].join('\n')].filter(Boolean).join('\n\n')
}
