import { findField } from '@ego/kit/fast/fields'
import { z } from 'zod'
import { problem } from '../http/problem.ts'
import { definePlugin } from './plugin.ts'

/**
 * Bounds the request body: at once by its announced length, else while it arrives. It cannot raise
 * a global limit for one route (the global instance has refused by then), so it belongs in services.
 */
export const clientControl = definePlugin({
  name: 'client-control',
  priority: 22_000,
  schema: z.strictObject({ max_body_size: z.int().min(0) }),
  create: ({ max_body_size: bytesMax }) => ({
    rewrite(exchange) {
      exchange.bodyBytesMax = bytesMax
      if (bytesMax === 0) return undefined
      const announced = Number(findField(exchange.fields, 'content-length') ?? 0)
      return announced > bytesMax ? problem(exchange, 'body_too_large') : undefined
    },
  }),
})
