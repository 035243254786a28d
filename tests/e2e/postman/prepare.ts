/** Examples for fields whose route has none: by name, else by format, else by type. */
const examples: Readonly<Record<string, unknown>> = {
  access_token: 'eyJhbGciOiJFZERTQSIs...',
  avatar_url: '/users/1/avatar',
  bio: 'A test user',
  detail: {},
  device: 'Firefox on Linux',
  expires_in: 900,
  first_name: 'Test',
  hidden: false,
  highlights: ['My <em>test</em> text post!'],
  'idempotency-key': '{{$guid}}',
  ip: '127.0.0.1',
  last_name: 'Test',
  refresh_token: '{{refresh_token}}',
  roles: ['staff'],
  text_content: 'My test text post!',
  user_email: 'testemail@example.com',
  username: 'testusername',
  date: '2023-07-18',
  'date-time': '2026-01-31T12:00:00Z',
  password: '{{password}}',
  uuid: '0199d1d2-8c6a-7e0f-9a51-3a1c9de0f0aa',
  boolean: true,
  integer: 1,
  number: 1,
  string: 'text',
}

/** Adds an example for every field that the converter would fill at random. */
export function prepare(document: string): unknown {
  return JSON.parse(document, (_key, value) => {
    if (value?.responses) return operation(value)
    if (value?.in) return parameter(value)
    if (value?.properties) return object(value)
    if (value?.anyOf) return value.anyOf[0]
    return value?.type === 'array' ? { ...value, maxItems: 1 } : value
  })
}

type Operation = {
  description?: string
  security?: object[]
  responses: Record<string, { description: string }>
}
type Schema = {
  example?: unknown
  default?: unknown
  enum?: unknown[]
  type?: string | string[]
  format?: string
}
type ObjectSchema = Schema & { properties: Record<string, Schema>; required?: string[] }
type Parameter = { in: string; name: string; schema: Schema }

/** Lists the responses in the description. Only successful ones become examples, because all problems look alike. */
function operation({ description, security = [], responses, ...rest }: Operation) {
  const statuses = Object.entries(responses)
  const answers = statuses.map(([status, answer]) => `- ${status}: ${answer.description}`)
  const secured = security.filter((scheme) => 'bearer' in scheme)
  return {
    ...rest,
    description: [description, ['Answers:', ...answers].join('\n')].filter(Boolean).join('\n\n'),
    // An operation with optional authentication shows more with a token.
    security: secured.length > 0 ? secured : [{}],
    responses: Object.fromEntries(statuses.filter(([status]) => status < '300')),
  }
}

/** Fills path parameters from the variables of the collection. */
function parameter({ schema, ...rest }: Parameter) {
  const filled = rest.in === 'path' ? { ...schema, example: `{{${rest.name}}}` } : schema
  return { ...rest, schema: withExample(rest.name, filled) }
}

/** Keeps the required fields and those with an example, or all fields when none is required. */
function object({ properties, required = [], ...rest }: ObjectSchema) {
  const shown = Object.entries(properties).filter(
    ([name, property]) => required.length === 0 || required.includes(name) || 'example' in property,
  )
  return {
    ...withExample('', rest),
    required,
    properties: Object.fromEntries(
      shown.map(([name, property]) => [name, withExample(name, property)]),
    ),
  }
}

function withExample(name: string, schema: Schema): Schema {
  const type = [schema.type].flat()[0]
  const made = examples[name] ?? examples[schema.format ?? type ?? '']
  const example = schema.example ?? schema.default ?? schema.enum?.[0] ?? made
  return { ...schema, ...(type && { type }), ...(example !== undefined && { example }) }
}
