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
