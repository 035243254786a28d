import { z } from 'zod'
import type { ServiceName } from '../services.ts'

export type EventDefinition<Shape extends z.ZodRawShape = z.ZodRawShape> = {
  /** What happened, in the past tense and with a version: a changed payload is a new type. */
  type: string
  producer: ServiceName
  /** Exactly these services have a handler for the event. */
  consumers: readonly ServiceName[]
  /** Says what the fields do not: when the event is published and when not, and its key. */
  description: string
  /** The producer may send exactly these fields. */
  payload: z.ZodObject<Shape, z.core.$strict>
}

export type EventPayload<Definition extends EventDefinition> = z.output<Definition['payload']>

type Definition<Shape extends z.ZodRawShape> = Omit<EventDefinition<Shape>, 'payload'> & {
  payload: Shape
}

export function defineEvent<Shape extends z.ZodRawShape>(
  definition: Definition<Shape>,
): EventDefinition<Shape> {
  const { type, payload } = definition
  if (!typePattern.test(type)) throw new Error(`${type} is not like 'user.registered.v1'.`)
  return { ...definition, payload: z.strictObject(payload) }
}

const typePattern = /^[a-z]+(\.[a-z_]+)+\.v[1-9]\d*$/
