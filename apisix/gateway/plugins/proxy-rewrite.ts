import { z } from 'zod'
import type { Exchange } from '../http/exchange.ts'
import { escapeTarget, isUnambiguous, splitAtMark } from '../http/path.ts'
import { problem } from '../http/problem.ts'
import { isRegex } from '../variables/expression.ts'
import {
  compileFields,
  compileTemplate,
  fieldNamesSchema,
  fieldTemplatesSchema,
  templateSchema,
} from '../variables/template.ts'
import { createFieldChange } from './field-changes.ts'
import { definePlugin } from './plugin.ts'

const fieldMap = fieldTemplatesSchema.refine((map) => Object.keys(map).length > 0, 'is empty')

const schema = z
  .strictObject({
    uri: templateSchema.startsWith('/').max(4096).optional(),
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
        remove: fieldNamesSchema.min(1).optional(),
      })
      .optional(),
  })
  .refine((settings) => Object.keys(settings).length > 0, 'does nothing')

/** Changes what the upstream sees: path, method, headers. */
export const proxyRewrite = definePlugin({
  name: 'proxy-rewrite',
  priority: 1008,
  schema,
  create(settings) {
    const { method, headers: { add = {}, set = {}, remove = [] } = {} } = settings
    const rewritePath = createPathRewrite(settings)
    const changeFields = createFieldChange({
      add: compileFields(add),
      set: compileFields(set),
      remove,
    })
    return {
      rewrite(exchange) {
        if (rewritePath?.(exchange) === false) return problem(exchange, 'bad_request')
        changeFields(exchange.fields, exchange)
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
    const [path, query] = exchange.path.includes('?') ? [target, ''] : splitAtMark(target)
    return setPath(exchange, path, query)
  }
}

/** The client's own query follows that of the configured path. Returns `false` for a bad path. */
function setPath(exchange: Exchange, path: string, query: string): boolean {
  if (!isUnambiguous(path)) return false
  const whole = [query, exchange.query].filter((part) => part !== '').join('&')
  exchange.upstreamPath = escapeTarget(path, whole)
  return true
}
