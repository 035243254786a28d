import { z } from 'zod'

export const trafficJobSchema = z.object({
  url: z.string(),
  /** How many people are busy at the same time. */
  walkers: z.int(),
  seconds: z.number(),
})

export const trafficResultSchema = z.object({
  requests: z.int(),
  statuses: z.record(z.string(), z.int()),
  /** The first of those that were not answered as they should be. */
  refused: z.array(z.string()),
})

export type TrafficResult = z.output<typeof trafficResultSchema>
