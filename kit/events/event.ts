import { z } from 'zod'

/** What travels: the field names are part of the contract between services, like those of the HTTP API. */
export type Event<Payload = unknown> = {
  /** UUIDv7. The same id is the same event, however often it arrives. */
  id: string
  /** What happened, past tense and versioned: `user.registered.v1`. */
  type: string
  /** Events of one key arrive in the order in which they were appended. */
  key: string
  occurred_at: string
  request_id: string | null
  payload: Payload
}

export type EventDefinition<Schema extends z.ZodObject = z.ZodObject> = {
  type: string
  schema: Schema
  /** What the fields do not say: when it is told and when not, and what it is keyed by. */
  description: string
}

/** Declared once, by the producing service. A new version of a payload is a new type. */
export function defineEvent<Schema extends z.ZodObject>(
  type: string,
  schema: Schema,
  description: string,
): EventDefinition<Schema> {
  if (!typePattern.test(type)) throw new Error(`${type} is not like 'user.registered.v1'.`)
  return { type, schema, description }
}

/** For docs/events.md: what a consumer receives, as JSON Schema. */
export function describeEvents(definitions: readonly EventDefinition[]) {
  return definitions.map(({ type, schema, description }) => ({
    type,
    description,
    payload: z.toJSONSchema(schema),
  }))
}

const typePattern = /^[a-z]+(\.[a-z_]+)+\.v[1-9]\d*$/
