import { removeField, setField } from '@ego/kit/http/fast/fields'
import { z } from 'zod'
import type { Exchange, Reply } from '../http/exchange.ts'
import { discard } from '../http/respond.ts'
import { compileExpression, expressionSchema } from '../variables/expression.ts'
import { template } from '../variables/template-schema.ts'
import { compileTemplate } from '../variables/variable.ts'
import { definePlugin } from './plugin.ts'

const fieldName = z.string().regex(/^[^:\s]+$/)

const schema = z
  .strictObject({
    status_code: z.int().min(200).max(598).optional(),
    body: z.string().optional(),
    body_base64: z.boolean().default(false),
    headers: z
      .strictObject({
        add: z
          .array(template.regex(/^[^:]+:[^:]+$/, 'is not "Name: value"'))
          .min(1)
          .optional(),
        set: z.record(fieldName, template.or(z.number())).optional(),
        remove: z.array(fieldName).min(1).optional(),
      })
      .optional(),
    vars: expressionSchema.optional(),
  })
  .refine((settings) => !settings.body_base64 || settings.body !== undefined, {
    message: 'needs a body',
    path: ['body_base64'],
  })

/** Changes the answer: status, headers (added, then set, then removed), the whole body. */
export const responseRewrite = definePlugin({
  name: 'response-rewrite',
  priority: 899,
  schema,
  create(settings) {
    const applies = compileExpression(settings.vars ?? [])
    const changeFields = createFieldChange(settings.headers ?? {})
    const body = settings.body_base64 ? Buffer.from(settings.body ?? '', 'base64') : settings.body
    return {
      headerFilter(exchange, reply) {
        exchange.outgoing.statusCode = reply.status
        if (!applies(exchange)) return
        if (settings.status_code !== undefined) reply.status = settings.status_code
        if (body !== undefined) replaceBody(reply, body)
        changeFields(exchange, reply)
      },
    }
  },
})

function replaceBody(reply: Reply, body: string | Uint8Array): void {
  discard(reply.body)
  reply.body = body
  for (const name of ['content-length', 'content-encoding', 'last-modified', 'etag']) {
    removeField(reply.fields, name)
  }
}

type HeaderChanges = NonNullable<z.output<typeof schema>['headers']>

function createFieldChange({ add = [], set = {}, remove = [] }: HeaderChanges) {
  const added = add.map((line) => {
    const colon = line.indexOf(':')
    const value = compileTemplate(line.slice(colon + 1).trim())
    return [line.slice(0, colon).trim().toLowerCase(), value] as const
  })
  const replaced = Object.entries(set).map(
    ([name, value]) => [name.toLowerCase(), compileTemplate(String(value))] as const,
  )
  return (exchange: Exchange, { fields }: Reply) => {
    for (const [name, value] of added) fields.push(name, value(exchange))
    for (const [name, value] of replaced) setField(fields, name, value(exchange))
    for (const name of remove) removeField(fields, name.toLowerCase())
  }
}
