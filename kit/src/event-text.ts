import { z } from 'zod'
import type { Event } from './event.ts'

const eventSchema: z.ZodType<Event> = z.object({
  id: z.uuid(),
  type: z.string().min(1),
  key: z.string(),
  occurred_at: z.string(),
  request_id: z.string().nullable(),
  payload: z.unknown(),
})

/** As brokers carry it. */
export function writeEvent(event: Event): string {
  return JSON.stringify(event)
}

/** `null` for what no relay of ours has sent: no handler could ever take it. */
export function readEvent(text: string): Event | null {
  try {
    return eventSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
