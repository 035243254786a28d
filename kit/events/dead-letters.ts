import type { Tx } from '../postgres/postgres.ts'
import type { Event } from './event.ts'

/** An event that a consumer could not apply, kept until an operator replays or discards it. */
export type DeadLetter = {
  consumer: string
  event: Event
  error: string
  attempts: number
  died_at: string
}

const errorLengthMax = 2_000

/** Replaces an earlier dead letter of the same event. */
export async function addDeadLetter(
  tx: Tx,
  { consumer, event, error, attempts }: Omit<DeadLetter, 'died_at' | 'error'> & { error: unknown },
): Promise<void> {
  const { id, type, key, occurred_at, request_id, payload } = event
  await tx`
    insert into dead_letter
      (consumer, event_id, type, key, occurred_at, request_id, payload, error, attempts)
    values (
      ${consumer}, ${id}, ${type}, ${key}, ${occurred_at}, ${request_id},
      ${JSON.stringify(payload)}::text::json, ${describe(error)}, ${attempts}
    )
    on conflict (consumer, event_id) do update
    set error = excluded.error, attempts = dead_letter.attempts + excluded.attempts, died_at = now()
  `
}

export type DeadLetterPage = { consumer: string; limit?: number; after?: string }

/** Oldest events first; `after` is the id of the last event of the page before. */
export async function listDeadLetters(
  sql: Tx,
  { consumer, limit = 100, after }: DeadLetterPage,
): Promise<DeadLetter[]> {
  const rows = await sql<Row[]>`
    select consumer, event_id, type, key, occurred_at, request_id, payload, error, attempts, died_at
    from dead_letter
    where consumer = ${consumer}
      and event_id > ${after ?? '00000000-0000-0000-0000-000000000000'}
    order by event_id
    limit ${limit}
  `
  return rows.map(toDeadLetter)
}

export const deadLettersCountMax = 10_000

/** Counted up to `deadLettersCountMax`. */
export async function countDeadLetters(sql: Tx, consumer: string): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count
    from (
      select 1
      from dead_letter
      where consumer = ${consumer}
      limit ${deadLettersCountMax}
    ) as counted
  `
  return row.count
}

export async function findDeadLetter(
  sql: Tx,
  consumer: string,
  eventId: string,
): Promise<DeadLetter | null> {
  const [row] = await sql<Row[]>`
    select consumer, event_id, type, key, occurred_at, request_id, payload, error, attempts, died_at
    from dead_letter
    where consumer = ${consumer} and event_id = ${eventId}
  `
  return row ? toDeadLetter(row) : null
}

/** Deletes and returns it, or returns `null`. The row stays locked until the transaction ends, so only one caller gets it. */
export async function takeDeadLetter(
  tx: Tx,
  consumer: string,
  eventId: string,
): Promise<DeadLetter | null> {
  const [row] = await tx<Row[]>`
    delete from dead_letter
    where consumer = ${consumer} and event_id = ${eventId}
    returning consumer, event_id, type, key, occurred_at, request_id, payload, error, attempts, died_at
  `
  return row ? toDeadLetter(row) : null
}

/** Deletes it for good, and returns whether there was one. */
export async function discardDeadLetter(
  sql: Tx,
  consumer: string,
  eventId: string,
): Promise<boolean> {
  return (await takeDeadLetter(sql, consumer, eventId)) !== null
}

type Row = Omit<Event, 'id' | 'occurred_at'> &
  Omit<DeadLetter, 'event' | 'died_at'> & { event_id: string; occurred_at: Date; died_at: Date }

function toDeadLetter({ consumer, error, attempts, died_at, ...row }: Row): DeadLetter {
  const { event_id, type, key, occurred_at, request_id, payload } = row
  return {
    consumer,
    event: { id: event_id, type, key, occurred_at: occurred_at.toISOString(), request_id, payload },
    error,
    attempts,
    died_at: died_at.toISOString(),
  }
}

function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  // Postgres cannot store NUL, and an event whose dead letter cannot be written would be redelivered forever.
  return text.replaceAll('\0', '').slice(0, errorLengthMax)
}
