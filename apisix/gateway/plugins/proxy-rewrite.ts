import { setField } from '@ego/kit/http/fast/fields'
import { z } from 'zod'
import type { Exchange } from '../http/exchange.ts'
import { escapePath, escapeQuery, isUnambiguous } from '../http/path.ts'
import { problem } from '../http/problem.ts'
import { isRegex } from '../variables/expression.ts'
import { template } from '../variables/template-schema.ts'
import { compileTemplate } from '../variables/variable.ts'
import { definePlugin } from './plugin.ts'

const fieldName = z.string().regex(/^[^:\s]+$/)
const fieldMap = z
  .record(fieldName, template.or(z.number()))
  .refine((map) => Object.keys(map).length > 0, 'is empty')

const schema = z
  .strictObject({
    uri: template.startsWith('/').max(4096).optional(),
    regex_uri: z
      .array(z.string())
      .min(2)
      .refine((list) => list.length % 2 === 0, 'must be pairs of pattern and replacement')
      .refine((list) => list.every((item, i) => i % 2 === 1 || isRegex(item)), 'has a bad pattern')
      .optional(),
    method: z
      .enum(['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])
      .optional(),
    headers: z
      .strictObject({
        add: fieldMap.optional(),
        set: fieldMap.optional(),
        remove: z.array(fieldName).min(1).optional(),
      })
      .optional(),
  })
  .refine((settings) => Object.keys(settings).length > 0, 'does nothing')

/** Changes what the upstream sees: path, method, headers (added, then set, then removed). */
export const proxyRewrite = definePlugin({
  name: 'proxy-rewrite',
  priority: 1008,
  schema,
  create(settings) {
    const rewritePath = createPathRewrite(settings)
    const changeFields = createFieldChange(settings.headers ?? {})
    const { method } = settings
    return {
      rewrite(exchange) {
        if (rewritePath?.(exchange) === false) return problem(exchange, 'bad_request')
        changeFields(exchange)
        if (method !== undefined) exchange.method = method
        return undefined
      },
    }
  },
})

function createPathRewrite({ uri, regex_uri: pairs = [] }: z.output<typeof schema>) {
  if (uri !== undefined) {
    const [path, query] = splitAtMark(uri).map(compileTemplate)
    return (exchange: Exchange) =>
      setPath(exchange, path?.(exchange) ?? '/', query?.(exchange) ?? '')
  }
  if (pairs.length === 0) return null
  const rules: { pattern: RegExp; replacement: string }[] = []
  for (let i = 0; i < pairs.length; i += 2) {
    rules.push({ pattern: new RegExp(pairs[i] ?? ''), replacement: pairs[i + 1] ?? '' })
  }
  return (exchange: Exchange) => {
    const rule = rules.find(({ pattern }) => pattern.test(exchange.path))
    if (rule === undefined) return true
    const target = exchange.path.replace(rule.pattern, rule.replacement)
    // A `?` that the client wrote as %3F is part of its path and must not begin a query.
    const [path = '', query = ''] = exchange.path.includes('?') ? [target] : splitAtMark(target)
    return setPath(exchange, path, query)
  }
}

function splitAtMark(target: string): [string, string] {
  const mark = target.indexOf('?')
  return mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
}

/** The client's own query follows that of the configured path. `false`: the path is no such thing. */
function setPath(exchange: Exchange, path: string, query: string): boolean {
  if (!isUnambiguous(path)) return false
  const whole = [query, exchange.query].filter((part) => part !== '').join('&')
  const escaped = escapePath(path)
  exchange.upstreamPath = whole === '' ? escaped : `${escaped}?${escapeQuery(whole)}`
  return true
}

type HeaderChanges = NonNullable<z.output<typeof schema>['headers']>

function createFieldChange({ add = {}, set = {}, remove = [] }: HeaderChanges) {
  const compile = (map: Record<string, string | number>) =>
    Object.entries(map).map(
      ([name, value]) => [name.toLowerCase(), compileTemplate(String(value))] as const,
    )
  const added = compile(add)
  const replaced = compile(set)
  const removed = new Set(remove.map((name) => name.toLowerCase()))
  return (exchange: Exchange) => {
    const { fields } = exchange
    for (const [name, value] of added) fields.push(name, value(exchange))
    for (const [name, value] of replaced) setField(fields, name, value(exchange))
    for (let i = fields.length - 2; i >= 0 && removed.size > 0; i -= 2) {
      if (removed.has(fields[i] ?? '')) fields.splice(i, 2)
    }
  }
}
