import { z } from 'zod'
import type { Event } from './event.ts'

/** Text that Postgres can store. */
const text = z.string().refine((value) => !value.includes('\0'))
/** Postgres parses a payload recursively. */
const depthMax = 100

const eventSchema: z.ZodType<Event> = z.object({
  id: z.uuid(),
  type: text.min(1),
  key: text,
  occurred_at: z.iso.datetime().refine((value) => new Date(value).getTime() >= 0),
  request_id: text.nullable(),
  payload: z.unknown().refine((value) => value !== undefined && isShallow(value)),
})

/** Encodes an event for a broker. */
export function writeEvent(event: Event): string {
  return JSON.stringify(event)
}

/** Returns `null` for a message that no relay sent: neither a handler nor the dead letters could store it. */
export function readEvent(text: string): Event | null {
  try {
    return eventSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function isShallow(payload: unknown): boolean {
  let level = [payload]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > depthMax) return false
    level = level.flatMap((value) => (value instanceof Object ? Object.values(value) : []))
  }
  return true
}
