import type { EventDefinition } from '@ego/contracts/events/definition'
import type { z } from 'zod'
import type { Tx } from '../postgres/postgres.ts'
import type { Event } from './event.ts'

export type NewEvent<Payload> = { key: string; payload: Payload; requestId: string | null }

/**
 * Writes events in the caller's transaction, so they exist if and only if it commits. Append them after the write that they
 * describe: its row lock keeps the events of one key in the order of their commits.
 */
export async function appendEvent<Shape extends z.ZodRawShape>(
  tx: Tx,
  { type, payload }: EventDefinition<Shape>,
  ...events: NewEvent<z.output<z.ZodObject<Shape>>>[]
): Promise<void> {
  if (events.length === 0) return
  const keys = events.map((event) => event.key)
  const requestIds = events.map((event) => event.requestId)
  const payloads = events.map((event) => JSON.stringify(payload.parse(event.payload)))
  await tx`
    insert into outbox (type, key, request_id, payload)
    select ${type}, e.key, e.request_id, e.payload::json
    from unnest(${keys}::text[], ${requestIds}::text[], ${payloads}::text[])
      with ordinality as e (key, request_id, payload, ordinal)
    order by e.ordinal
  `
}

export type OutboxRow = { position: number; event: Event }

export async function listUnpublished(sql: Tx, limit: number): Promise<OutboxRow[]> {
  const rows = await sql<(Omit<Event, 'occurred_at'> & { position: number; occurred_at: Date })[]>`
    select position, event_id as id, type, key, occurred_at, request_id, payload
    from outbox
    where published_at is null
    order by position
    limit ${limit}
  `
  return rows.map(({ position, occurred_at, ...event }) => ({
    position,
    event: { ...event, occurred_at: occurred_at.toISOString() },
  }))
}

export async function markPublished(sql: Tx, rows: readonly OutboxRow[]): Promise<void> {
  const positions = rows.map((row) => row.position)
  await sql`
    update outbox
    set published_at = now()
    where position = any(${positions}::bigint[])
  `
}

/**
 * Deletes up to `limit` rows published more than `keepMs` ago, and returns how many. Rows are published in order, so the
 * lowest positions find them without an index on the time.
 */
export async function sweepOutbox(sql: Tx, keepMs: number, limit: number): Promise<number> {
  const { count } = await sql`
    delete from outbox
    where position in (select position from outbox order by position limit ${limit})
      and published_at < now() - ${keepMs} * interval '1 millisecond'
  `
  return count
}

export type Lag = { unpublished: number; oldestMs: number }

/** A backlog may be huge, and counting it must not add to the load. */
export const lagCountMax = 10_000

/** Counts unpublished events up to `lagCountMax`, and tells how long the oldest has waited. */
export async function readOutboxLag(sql: Tx): Promise<Lag> {
  const [lag] = await sql<[Lag]>`
    select
      count(*)::int as unpublished,
      coalesce(extract(epoch from clock_timestamp() - min(occurred_at)) * 1000, 0)::float8 as "oldestMs"
    from (
      select occurred_at
      from outbox
      where published_at is null
      order by position
      limit ${lagCountMax}
    ) as waiting
  `
  return lag
}
