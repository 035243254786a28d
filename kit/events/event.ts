/** An event as it is published. Its field names are part of the contract between services, like those of the HTTP API. */
export type Event<Payload = unknown> = {
  /** A UUIDv7. An event that is delivered again has the same id. */
  id: string
  /** What happened, past tense and versioned: `user.registered.v1`. */
  type: string
  /** Events of one key arrive in the order in which they were appended. */
  key: string
  occurred_at: string
  request_id: string | null
  payload: Payload
}
