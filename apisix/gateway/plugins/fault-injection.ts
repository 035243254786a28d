import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import {
  compileFields,
  compileTemplate,
  fieldTemplatesSchema,
  templateSchema,
} from '../variables/template.ts'
import { definePlugin } from './plugin.ts'

const percentage = z.int().min(0).max(100).default(100)

/** Answers in place of the upstream. Here it makes /healthz the gateway's own. */
export const faultInjection = definePlugin({
  name: 'fault-injection',
  priority: 11_000,
  schema: z
    .strictObject({
      abort: z
        .strictObject({
          http_status: z.int().min(200).max(599),
          body: templateSchema.default(''),
          headers: fieldTemplatesSchema.default({}),
          percentage,
        })
        .optional(),
      delay: z.strictObject({ duration: z.number().min(0), percentage }).optional(),
    })
    .refine(({ abort, delay }) => abort !== undefined || delay !== undefined, {
      message: 'needs abort or delay',
    }),
  needsNoUpstream: true,
  create({ abort, delay }) {
    const body = compileTemplate(abort?.body ?? '')
    const headers = compileFields(abort?.headers ?? {})
    return {
      async rewrite(exchange) {
        if (delay !== undefined && isHit(delay.percentage)) await sleep(delay.duration * 1000)
        if (abort === undefined || !isHit(abort.percentage)) return undefined
        const fields = headers.flatMap(([name, value]) => [name, value(exchange)])
        return { status: abort.http_status, fields, body: body(exchange) }
      },
    }
  },
})

function isHit(percent: number): boolean {
  return percent >= 100 || Math.random() * 100 < percent
}
