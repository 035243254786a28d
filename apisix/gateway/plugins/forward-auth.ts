import { type Fields, findField, removeField, setField } from '@ego/kit/fast/fields'
import { z } from 'zod'
import type { Exchange, Reply } from '../http/exchange.ts'
import { problemForStatus } from '../http/problem.ts'
import { discard } from '../http/respond.ts'
import { compileFields, fieldNamesSchema, fieldTemplatesSchema } from '../variables/template.ts'
import { requestUri } from '../variables/variable.ts'
import { definePlugin } from './plugin.ts'

const fieldNames = fieldNamesSchema
  .default([])
  .transform((names) => names.map((name) => name.toLowerCase()))

const schema = z.strictObject({
  uri: z.url({ protocol: /^http$/ }),
  allow_degradation: z.literal(false).default(false),
  status_on_error: z.int().min(200).max(599).default(403),
  request_method: z.literal('GET').default('GET'),
  request_headers: fieldNames,
  extra_headers: fieldTemplatesSchema.default({}),
  upstream_headers: fieldNames,
  client_headers: fieldNames,
  timeout: z.int().min(1).max(60_000).default(3000),
  keepalive: z.literal(true).default(true),
  keepalive_timeout: z.int().min(1000).default(60_000),
  keepalive_pool: z.int().min(1).default(5),
})

/** Most bodies arrive with their request or right behind it; these are not asked about twice. */
const freshMs = 50

/**
 * Asks the auth service about every request. Below 300 the answer's `upstream_headers` replace
 * those of the request, and a header that auth did not send is removed; else the client gets auth's
 * answer. There is no degradation here: without an answer no request passes.
 */
export const forwardAuth = definePlugin({
  name: 'forward-auth',
  priority: 2002,
  schema,
  create(settings, { log, now, transportTo }) {
    const url = new URL(settings.uri)
    const transport = transportTo(url, {
      connectionsMax: settings.keepalive_pool,
      connectMs: settings.timeout,
      keepAliveMs: settings.keepalive_timeout,
    })
    const createFields = questionFields(url.host, settings)

    async function ask(exchange: Exchange): Promise<Reply | null> {
      try {
        return await transport.send({
          method: 'GET',
          path: url.pathname + url.search,
          fields: createFields(exchange),
          body: null,
          readMs: settings.timeout,
          exchange,
        })
      } catch (error) {
        if (!exchange.isGone) {
          log.warn({ err: error, request_id: exchange.requestId }, 'forward-auth got no answer')
        }
        return null
      }
    }

    async function access(exchange: Exchange): Promise<Reply | undefined> {
      const answer = await ask(exchange)
      if (answer === null) return problemForStatus(exchange, settings.status_on_error)
      if (answer.status >= 300) {
        return { ...answer, fields: only(answer.fields, settings.client_headers) }
      }
      exchange.userId = findField(answer.fields, 'x-user-id') ?? ''
      for (const name of settings.upstream_headers) {
        const value = findField(answer.fields, name)
        if (value === undefined) removeField(exchange.fields, name)
        else setField(exchange.fields, name, value)
      }
      discard(answer.body)
      const answeredAt = now()
      exchange.confirm = () => (now() - answeredAt < freshMs ? undefined : access(exchange))
      return undefined
    }

    return { access }
  },
})

/** What auth is told. The client's own X-Forwarded-* never reach it. */
function questionFields(host: string, settings: z.output<typeof schema>) {
  const extra = compileFields(settings.extra_headers)
  return (exchange: Exchange): Fields => {
    const fields = [
      ...['host', host],
      ...['x-forwarded-proto', 'http'],
      ...['x-forwarded-method', exchange.method],
      ...['x-forwarded-host', exchange.host],
      ...['x-forwarded-uri', requestUri(exchange)],
      ...['x-forwarded-for', exchange.clientAddress],
    ]
    for (const [name, value] of extra) setField(fields, name, value(exchange))
    for (const name of settings.request_headers) {
      const value = findField(exchange.fields, name)
      if (value !== undefined && findField(fields, name) === undefined) fields.push(name, value)
    }
    return fields
  }
}

function only(fields: Fields, names: readonly string[]): Fields {
  const kept: Fields = []
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? ''
    if (names.includes(name)) kept.push(name, fields[i + 1] ?? '')
  }
  return kept
}
