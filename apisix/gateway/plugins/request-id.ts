import { randomUUID } from 'node:crypto'
import { findField, setField } from '@ego/kit/fast/fields'
import { z } from 'zod'
import { definePlugin } from './plugin.ts'

/** What the services keep too: anything else would get one id here and another in their logs. */
const usable = /^[\w.:-]{1,128}$/

/** Gives the request a name that is on its answer and in every log line about it. */
export const requestId = definePlugin({
  name: 'request-id',
  priority: 12_015,
  schema: z.strictObject({
    header_name: z
      .string()
      .regex(/^[\w-]+$/)
      .default('X-Request-Id'),
    include_in_response: z.boolean().default(true),
    algorithm: z.literal('uuid').default('uuid'),
  }),
  create({ header_name: headerName, include_in_response: isShown }) {
    const name = headerName.toLowerCase()
    return {
      rewrite(exchange) {
        const given = findField(exchange.fields, name)
        const id = given !== undefined && usable.test(given) ? given : randomUUID()
        setField(exchange.fields, name, id)
        exchange.requestId = id
        return undefined
      },
      headerFilter(exchange, reply) {
        if (isShown && !findField(reply.fields, name)) {
          setField(reply.fields, name, exchange.requestId)
        }
      },
    }
  },
})
