import { z } from 'zod'
import type { Exchange } from '../http/exchange.ts'
import { escapePath } from '../http/path.ts'
import { isRegex } from '../variables/expression.ts'
import { compileTemplate, templateSchema } from '../variables/template.ts'
import { definePlugin } from './plugin.ts'

const schema = z
  .strictObject({
    uri: templateSchema.min(2).optional(),
    regex_uri: z
      .tuple([z.string().refine(isRegex, 'is not a regular expression'), z.string()])
      .optional(),
    ret_code: z.int().min(200).max(599).default(302),
    encode_uri: z.boolean().default(false),
    append_query_string: z.boolean().default(false),
  })
  .refine(({ uri, regex_uri: regex }) => (uri === undefined) !== (regex === undefined), {
    message: 'needs either uri or regex_uri',
  })

/** Sends the client to another address. */
export const redirect = definePlugin({
  name: 'redirect',
  priority: 900,
  schema,
  needsNoUpstream: true,
  create(settings) {
    const locate = createLocation(settings)
    return {
      rewrite(exchange) {
        const location = locate(exchange)
        if (location === null) return undefined
        const address = settings.encode_uri ? escapePath(location) : location
        const whole = settings.append_query_string ? withQuery(address, exchange.query) : address
        return { status: settings.ret_code, fields: ['location', whole], body: null }
      },
    }
  },
})

function createLocation({ uri, regex_uri: regex }: z.output<typeof schema>) {
  if (regex === undefined) return compileTemplate(uri ?? '')
  const pattern = new RegExp(regex[0])
  return (exchange: Exchange) =>
    pattern.test(exchange.path) ? exchange.path.replace(pattern, regex[1]) : null
}

function withQuery(address: string, query: string): string {
  if (query === '') return address
  return `${address}${address.includes('?') ? '&' : '?'}${query}`
}
