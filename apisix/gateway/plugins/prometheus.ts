import { z } from 'zod'
import { definePlugin } from './plugin.ts'

/** Counts answers and measures times under the metric names that APISIX uses. */
export const prometheus = definePlugin({
  name: 'prometheus',
  priority: 500,
  schema: z.strictObject({ prefer_name: z.literal(false).default(false) }),
  prefersRoute: true,
  create: (_settings, { metrics }) => ({
    log(exchange, status) {
      const totalMs = performance.now() - exchange.startedAt
      metrics.observe(exchange.routeId, status, totalMs, exchange.upstreamMs)
    },
  }),
})
