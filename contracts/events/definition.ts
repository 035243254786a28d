import { z } from 'zod'
import type { ServiceName } from '../services.ts'

export type EventDefinition<Shape extends z.ZodRawShape = z.ZodRawShape> = {
  /** What happened, in the past tense and with a version: a changed payload is a new type. */
  type: string
  producer: ServiceName
  /** A service that is listed here has a handler for it, and no other one has. */
  consumers: readonly ServiceName[]
  /** What the fields do not say: when it is told and when not, and what it is keyed by. */
  description: string
  /** What the producer may send: these fields and no other. */
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
