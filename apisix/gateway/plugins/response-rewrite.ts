import { removeFields } from '@ego/kit/fast/fields'
import { z } from 'zod'
import type { Reply } from '../http/exchange.ts'
import { discard } from '../http/respond.ts'
import { compileExpression, expressionSchema } from '../variables/expression.ts'
import {
  compileFields,
  compileTemplate,
  type FieldTemplate,
  fieldNamesSchema,
  fieldTemplatesSchema,
  templateSchema,
} from '../variables/template.ts'
import { createFieldChange } from './field-changes.ts'
import { definePlugin } from './plugin.ts'

const schema = z
  .strictObject({
    status_code: z.int().min(200).max(598).optional(),
    body: z.string().optional(),
    body_base64: z.boolean().default(false),
    headers: z
      .strictObject({
        add: z
          .array(templateSchema.regex(/^[^:]+:[^:]+$/, 'is not "Name: value"'))
          .min(1)
          .optional(),
        set: fieldTemplatesSchema.optional(),
        remove: fieldNamesSchema.min(1).optional(),
      })
      .optional(),
    vars: expressionSchema.optional(),
  })
  .refine((settings) => !settings.body_base64 || settings.body !== undefined, {
    message: 'needs a body',
    path: ['body_base64'],
  })

/** Changes the answer: status, headers, the whole body. */
export const responseRewrite = definePlugin({
  name: 'response-rewrite',
  priority: 899,
  schema,
  create(settings) {
    const { add = [], set = {}, remove = [] } = settings.headers ?? {}
    const applies = compileExpression(settings.vars ?? [])
    const changeFields = createFieldChange({
      add: add.map(compileLine),
      set: compileFields(set),
      remove,
    })
    const body = settings.body_base64 ? Buffer.from(settings.body ?? '', 'base64') : settings.body
    return {
      headerFilter(exchange, reply) {
        exchange.outgoing.statusCode = reply.status
        if (!applies(exchange)) return
        if (settings.status_code !== undefined) reply.status = settings.status_code
        if (body !== undefined) replaceBody(reply, body)
        changeFields(reply.fields, exchange)
      },
    }
  },
})

function compileLine(line: string): FieldTemplate {
  const [name = '', value = ''] = line.split(':')
  return [name.trim().toLowerCase(), compileTemplate(value.trim())]
}

const aboutTheBody = new Set(['content-length', 'content-encoding', 'last-modified', 'etag'])

function replaceBody(reply: Reply, body: string | Uint8Array): void {
  discard(reply.body)
  reply.body = body
  removeFields(reply.fields, aboutTheBody)
}
