import { type Fields, findField, removeField, setField } from '@ego/kit/http/fast/fields'
import { z } from 'zod'
import type { Exchange, Reply } from '../http/exchange.ts'
import { problem, problemForStatus } from '../http/problem.ts'
import { discard } from '../http/respond.ts'
import { template } from '../variables/template-schema.ts'
import { compileTemplate, requestUri } from '../variables/variable.ts'
import { definePlugin } from './plugin.ts'

const fieldNames = z.array(z.string().regex(/^[^:\s]+$/)).default([])

const schema = z.strictObject({
  uri: z.url({ protocol: /^http$/ }),
  allow_degradation: z.literal(false).default(false),
  status_on_error: z.int().min(200).max(599).default(403),
  request_method: z.literal('GET').default('GET'),
  request_headers: fieldNames,
  extra_headers: z.record(z.string().regex(/^[^:]+$/), template).default({}),
  upstream_headers: fieldNames,
  client_headers: fieldNames,
  timeout: z.int().min(1).max(60_000).default(3000),
  keepalive: z.literal(true).default(true),
  keepalive_timeout: z.int().min(1000).default(60_000),
  keepalive_pool: z.int().min(1).default(5),
})

/** Most bodies come with their request, or right behind it; those are not asked about twice. */
const freshMs = 50

/**
 * Asks the auth service about every request. Below 300 the answer's `upstream_headers` replace
 * those of the request, and a header that auth did not send is removed; else the client gets auth's
 * answer. There is no degradation here: without an answer nobody passes.
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
    const path = url.pathname + url.search
    const makeFields = questionFields(url.host, settings)
    const upstreamNames = settings.upstream_headers.map((name) => name.toLowerCase())
    const clientNames = new Set(settings.client_headers.map((name) => name.toLowerCase()))

    async function ask(exchange: Exchange): Promise<Reply | null> {
      try {
        return await transport.send({
          method: 'GET',
          path,
          fields: makeFields(exchange),
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
      if (answer === null) return unanswered(exchange, settings.status_on_error)
      if (answer.status >= 300) {
        return { ...answer, fields: only(answer.fields, clientNames) }
      }
      exchange.userId = findField(answer.fields, 'x-user-id') ?? ''
      for (const name of upstreamNames) {
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
  const extra = Object.entries(settings.extra_headers).map(
    ([name, value]) => [name.toLowerCase(), compileTemplate(value)] as const,
  )
  const copied = settings.request_headers.map((name) => name.toLowerCase())
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
    for (const name of copied) {
      const value = findField(exchange.fields, name)
      if (value !== undefined && findField(fields, name) === undefined) fields.push(name, value)
    }
    return fields
  }
}

function unanswered(exchange: Exchange, status: number): Reply {
  return status === 503
    ? problem(exchange, 'service_unavailable')
    : problemForStatus(exchange, status)
}

function only(fields: Fields, names: ReadonlySet<string>): Fields {
  const kept: Fields = []
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? ''
    if (names.has(name)) kept.push(name, fields[i + 1] ?? '')
  }
  return kept
}
