import { z } from 'zod'
import type { Event } from './event.ts'

const eventShape = z.object({
  id: z.string().min(1),
  type: z.string().min(1),
  key: z.string(),
  occurred_at: z.string(),
  request_id: z.string().nullable(),
  payload: z.unknown(),
})

export type Written = { topic: string; key: Buffer; value: Buffer; headers: Map<Buffer, Buffer> }

/** The value is the whole event as JSON; the key decides the partition, and with it the order. */
export function writeEvent(topic: string, event: Event): Written {
  return {
    topic,
    key: Buffer.from(event.key),
    value: Buffer.from(JSON.stringify(event)),
    headers: new Map(),
  }
}

/** `null` for what is no event. */
export function readEvent(value: Buffer | null | undefined): Event | null {
  try {
    return eventShape.parse(JSON.parse(String(value)))
  } catch {
    return null
  }
}

type Read = {
  topic: string
  partition: number
  offset: bigint
  key: Buffer | null | undefined
  value: Buffer | null | undefined
}

/** A copy for an operator, which tells where it was found. */
export function copyMessage(topic: string, message: Read): Written {
  const found = `${message.topic}/${message.partition}/${message.offset}`
  return {
    topic,
    key: message.key ?? Buffer.of(),
    value: message.value ?? Buffer.of(),
    headers: new Map([[Buffer.from('found-at'), Buffer.from(found)]]),
  }
}
