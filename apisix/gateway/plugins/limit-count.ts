import { setField } from '@ego/kit/fast/fields'
import { z } from 'zod'
import type { Exchange, Reply } from '../http/exchange.ts'
import { problem } from '../http/problem.ts'
import { compileTemplate, findUnknownVariable } from '../variables/template.ts'
import { findVariable } from '../variables/variable.ts'
import { definePlugin } from './plugin.ts'

const schema = z
  .strictObject({
    count: z.int().positive(),
    time_window: z.int().positive(),
    key_type: z.enum(['var', 'var_combination', 'constant']).default('var'),
    key: z.string().default('remote_addr'),
    rejected_code: z.int().min(200).max(599).default(503),
    policy: z.literal('local').default('local'),
    window_type: z.literal('fixed').default('fixed'),
    show_limit_quota_header: z.boolean().default(true),
  })
  .refine(
    ({ key_type: type, key }) =>
      (type === 'var' && findVariable(key) !== null) ||
      (type === 'var_combination' && findUnknownVariable(key) === null) ||
      type === 'constant',
    { message: 'is not a known variable', path: ['key'] },
  )

type Window = { used: number; endsAt: number }

/** A flood of addresses may not fill the memory: at this many, the ended windows are swept out. */
const keysMax = 100_000

/** At most `count` requests per key in a fixed window that opens with the key's first request. */
export const limitCount = definePlugin({
  name: 'limit-count',
  priority: 1002,
  schema,
  create(settings, { now, keep }) {
    const windows = keep('windows', () => new Map<string, Window>())
    const keyOf = createKey(settings)

    function enter(key: string, time: number): Window {
      const known = windows.get(key)
      if (known !== undefined && time < known.endsAt) return known
      if (windows.size >= keysMax) sweep(windows, time)
      const opened = { used: 0, endsAt: time + settings.time_window * 1000 }
      windows.set(key, opened)
      return opened
    }

    return {
      access(exchange) {
        const time = now()
        const window = enter(keyOf(exchange), time)
        const resetSeconds = Math.ceil((window.endsAt - time) / 1000)
        const isOver = window.used >= settings.count
        if (!isOver) window.used += 1
        if (settings.show_limit_quota_header) {
          const { replyFields } = exchange
          setField(replyFields, 'x-ratelimit-limit', String(settings.count))
          setField(replyFields, 'x-ratelimit-remaining', String(settings.count - window.used))
          setField(replyFields, 'x-ratelimit-reset', String(resetSeconds))
        }
        return isOver ? reject(exchange, settings.rejected_code, resetSeconds) : undefined
      },
    }
  },
})

function reject(exchange: Exchange, status: number, resetSeconds: number): Reply {
  const reply = problem(exchange, 'too_many_requests', status)
  reply.fields.push('retry-after', String(resetSeconds))
  return reply
}

/** An empty key falls back to the client's address, as in APISIX. */
function createKey({ key_type: type, key }: z.output<typeof schema>) {
  if (type === 'constant') return () => key
  const read = type === 'var' ? findVariable(key) : compileTemplate(key)
  return (exchange: Exchange) => read?.(exchange) || exchange.clientAddress
}

function sweep(windows: Map<string, Window>, time: number): void {
  for (const [key, { endsAt }] of windows) {
    if (endsAt <= time) windows.delete(key)
  }
  if (windows.size >= keysMax) windows.clear()
}
