import type { Event } from '../event.ts'
import { writeEvent } from '../event-text.ts'

export type Written = { topic: string; key: Buffer; value: Buffer; headers: Map<Buffer, Buffer> }

/** The value is the whole event as JSON. The key determines the partition, and so the order. */
export function messageOf(topic: string, event: Event): Written {
  return {
    topic,
    key: Buffer.from(event.key),
    value: Buffer.from(writeEvent(event)),
    headers: new Map(),
  }
}

type Read = {
  topic: string
  partition: number
  offset: bigint
  key: Buffer | null | undefined
  value: Buffer | null | undefined
}

/** A copy for an operator, with a header that says where the message was found. */
export function copyMessage(topic: string, message: Read): Written {
  const found = `${message.topic}/${message.partition}/${message.offset}`
  return {
    topic,
    key: message.key ?? Buffer.of(),
    value: message.value ?? Buffer.of(),
    headers: new Map([[Buffer.from('found-at'), Buffer.from(found)]]),
  }
}
