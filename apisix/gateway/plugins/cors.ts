import { type Fields, findField, joinField, setField, setFields } from '@ego/kit/fast/fields'
import { z } from 'zod'
import type { Exchange, Reply } from '../http/exchange.ts'
import { definePlugin } from './plugin.ts'

const schema = z
  .strictObject({
    allow_origins: z
      .string()
      .regex(/^(\*|\*\*|null|\w+:\/\/[^,]+(,\w+:\/\/[^,]+)*)$/, 'is not *, ** or a list of origins')
      .default('*'),
    allow_methods: z.string().default('*'),
    allow_headers: z.string().default('*'),
    expose_headers: z.string().optional(),
    max_age: z.int().default(5),
    allow_credential: z.boolean().default(false),
  })
  .refine(
    ({ allow_credential, ...rest }) => !(allow_credential && Object.values(rest).includes('*')),
    { message: 'must be false while another setting is *', path: ['allow_credential'] },
  )

/** Answers every OPTIONS itself and lets the browsers of the allowed origins read the answers. */
export const cors = definePlugin({
  name: 'cors',
  priority: 4000,
  schema,
  create(settings) {
    const fixed = fixedFields(settings)
    const origins = new Set(settings.allow_origins.split(','))
    return {
      rewrite(exchange) {
        return exchange.method === 'OPTIONS' ? { status: 200, fields: [], body: null } : undefined
      },
      headerFilter(exchange, reply) {
        const asked = findField(exchange.fields, 'origin')
        const allowed = allowedOrigin(settings.allow_origins, origins, asked)
        if (allowed === null) return
        if (allowed !== '*') varyByOrigin(reply)
        setField(reply.fields, 'access-control-allow-origin', allowed)
        setFields(reply.fields, fixed)
        if (settings.allow_headers === '**') allowAskedHeaders(exchange, reply)
      },
    }
  },
})

const everyMethod = 'GET,POST,PUT,DELETE,PATCH,HEAD,OPTIONS,CONNECT,TRACE'

function fixedFields(settings: z.output<typeof schema>): Fields {
  const { allow_methods: methods, allow_headers: headers, expose_headers: exposed } = settings
  const fields = [
    'access-control-allow-methods',
    methods === '**' ? everyMethod : methods,
    'access-control-max-age',
    String(settings.max_age),
  ]
  if (headers !== '**') fields.push('access-control-allow-headers', headers)
  if (exposed !== undefined) fields.push('access-control-expose-headers', exposed)
  if (settings.allow_credential) fields.push('access-control-allow-credentials', 'true')
  return fields
}

function allowedOrigin(
  setting: string,
  origins: ReadonlySet<string>,
  asked: string | undefined,
): string | null {
  if (setting === '**') return asked ?? '*'
  if (origins.size === 1) return setting
  return asked !== undefined && origins.has(asked) ? asked : null
}

function varyByOrigin(reply: Reply): void {
  const vary = joinField(reply.fields, 'vary')
  setField(reply.fields, 'vary', vary === undefined ? 'Origin' : `${vary}, Origin`)
}

function allowAskedHeaders(exchange: Exchange, reply: Reply): void {
  const asked = findField(exchange.fields, 'access-control-request-headers')
  if (asked !== undefined) setField(reply.fields, 'access-control-allow-headers', asked)
}
