import type { EventDefinition } from '@ego/contracts/events/definition'
import { z } from 'zod'
import { backoffMs, pause } from '../async/backoff.ts'
import { isUnavailable } from '../postgres/errors.ts'
import type { Sql, Tx } from '../postgres/postgres.ts'
import type { Log } from '../process/log.ts'
import type { Bus } from './bus.ts'
import { addDeadLetter, takeDeadLetter } from './dead-letters.ts'
import type { Event } from './event.ts'

type Afterwards = void | (() => Promise<void>)
type Work = { before: (() => Promise<void>) | null; apply(tx: Tx): Promise<Afterwards> }

/** Handles one type of event for a consumer. `prepare` throws when the payload does not fit. */
export type Handler = {
  type: string
  /** The services that the contract allows to handle it. */
  consumers: readonly string[]
  prepare(event: Event): Work
}

type Needed<Shape extends z.ZodRawShape, Field extends keyof Shape> = z.output<
  z.ZodObject<Pick<Shape, Field>>
>

/**
 * Creates a handler. It reads only the payload fields that this consumer needs, so that no other field can break it.
 * Everything that `apply` does must go through `tx`; any other effect is repeated when the event is delivered again.
 *
 * `apply` may return a function, which is called after the commit and retried alone when it fails. It is for effects that
 * may be lost, such as updating a cache: after a crash it is not called again.
 *
 * `before` is for work that is too large for one transaction. It uses its own transactions, and runs again whenever the
 * event is delivered again, so it must continue where it was interrupted.
 */
export function on<Shape extends z.ZodRawShape, Field extends keyof Shape & string>(
  { type, consumers, payload }: EventDefinition<Shape>,
  fields: readonly Field[],
  apply: (tx: Tx, event: Event<Needed<Shape, Field>>) => Promise<Afterwards>,
  before: ((event: Event<Needed<Shape, Field>>) => Promise<void>) | null = null,
): Handler {
  const schema = z.object(pick(payload.shape, fields))
  return {
    type,
    consumers,
    prepare(event) {
      const parsed = { ...event, payload: schema.parse(event.payload) }
      return { before: before && (() => before(parsed)), apply: (tx) => apply(tx, parsed) }
    },
  }
}

function pick<Shape extends object, Field extends keyof Shape & string>(
  shape: Shape,
  fields: readonly Field[],
): Pick<Shape, Field> {
  return Object.fromEntries(fields.map((field) => [field, shape[field]])) as Pick<Shape, Field>
}

export type ConsumerOptions = {
  sql: Sql
  bus: Pick<Bus, 'subscribe'>
  log: Pick<Log, 'warn' | 'error'>
  consumer: string
  on: readonly Handler[]
  attemptsMax?: number
  /** How long a repeated delivery is recognized. */
  keepSettledMs?: number
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>
}

const dayMs = 86_400_000
const retry = { baseMs: 100, capMs: 5_000 }

/**
 * Applies each event exactly once: its effect and its inbox row are one transaction. A failure is retried; after
 * `attemptsMax` attempts the event becomes a dead letter, and later events continue. While the database is down, attempts
 * are not counted, and the bus delivers again.
 */
export async function startConsumer(options: ConsumerOptions): Promise<AsyncDisposable> {
  const { sql, bus, consumer, log } = options
  const handlers = byType(options.on)
  for (const { type, consumers } of options.on) {
    if (!consumers.includes(consumer)) throw new Error(`${consumer} is no consumer of ${type}.`)
  }
  const stopping = new AbortController()
  const sweep = createSweep(options)

  const subscription = await bus.subscribe({
    consumer,
    types: [...handlers.keys()],
    async handle(event) {
      const handler = handlers.get(event.type)
      if (!handler) return
      const failure = await settle(handler, event, { ...options, signal: stopping.signal })
      if (failure) {
        const { error, attempts } = failure
        log.error(
          { err: error, event_id: event.id, type: event.type, attempts },
          'An event became a dead letter.',
        )
        await sql.begin(async (tx) => {
          if (await enterInbox(tx, consumer, event))
            await addDeadLetter(tx, { consumer, event, ...failure })
        })
      }
      await sweep()
    },
  })

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await subscription[Symbol.asyncDispose]()
    },
  }
}

/**
 * Applies a dead letter for an operator who has fixed its cause. Resolves with `false` when there is none, also because
 * another operator replays it. When it fails again, it stays a dead letter and the error is thrown.
 */
export async function replayDeadLetter(
  { sql, consumer, on: handlers }: Pick<ConsumerOptions, 'sql' | 'consumer' | 'on'>,
  eventId: string,
): Promise<boolean> {
  const replayed = await sql.begin(async (tx) => {
    const letter = await takeDeadLetter(tx, consumer, eventId)
    if (!letter) return null
    const handler = byType(handlers).get(letter.event.type)
    if (!handler) throw new Error(`${consumer} does not handle ${letter.event.type}.`)
    const work = handler.prepare(letter.event)
    // This connection is idle while `before` runs.
    await tx`set local idle_in_transaction_session_timeout = 0`
    await work.before?.()
    return { afterwards: await work.apply(tx) }
  })
  await replayed?.afterwards?.()
  return replayed !== null
}

type Failure = { error: unknown; attempts: number }
type Attempts = ConsumerOptions & { signal: AbortSignal }

async function settle(handler: Handler, event: Event, options: Attempts): Promise<Failure | null> {
  const { log, attemptsMax = 5, sleep = pause, signal } = options
  let work: Work
  try {
    work = handler.prepare(event)
  } catch (error) {
    return { error, attempts: 1 }
  }
  for (let attempts = 1; ; attempts += 1) {
    try {
      const afterwards = await applyOnce(work, event, options)
      await finish(afterwards, event, options)
      return null
    } catch (error) {
      if (isDatabaseAway(error) || signal.aborted) throw error
      if (attempts === attemptsMax) return { error, attempts }
      log.warn({ err: error, event_id: event.id, type: event.type, attempts }, 'An event failed.')
      await sleep(backoffMs(attempts, retry), signal)
    }
  }
}

async function applyOnce({ before, apply }: Work, event: Event, { sql, consumer }: Attempts) {
  if (before) {
    if (await isSettled(sql, consumer, event)) return
    await before()
  }
  return sql.begin(async (tx) => {
    if (await enterInbox(tx, consumer, event)) return apply(tx)
  })
}

/** Calls the function that `apply` returned. The event is settled, so only this is retried, and finally given up. */
async function finish(afterwards: Afterwards, event: Event, options: Attempts): Promise<void> {
  const { log, attemptsMax = 5, sleep = pause, signal } = options
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await afterwards?.()
    } catch (error) {
      const details = { err: error, event_id: event.id, type: event.type, attempts }
      if (attempts === attemptsMax)
        return log.error(details, 'The follow-up of an event was given up.')
      log.warn(details, 'The follow-up of an event failed.')
      await sleep(backoffMs(attempts, retry), signal)
    }
  }
}

async function isSettled(sql: Tx, consumer: string, event: Event): Promise<boolean> {
  const [row] = await sql`
    select 1
    from inbox
    where consumer = ${consumer} and event_id = ${event.id}`
  return row !== undefined
}

/** Resolves with `false` when the consumer has settled the event. A concurrent delivery of it waits here. */
async function enterInbox(tx: Tx, consumer: string, event: Event): Promise<boolean> {
  const { count } = await tx`
    insert into inbox (consumer, event_id)
    values (${consumer}, ${event.id})
    on conflict do nothing
  `
  return count === 1
}

/** Excludes timeouts of the handler itself, which would otherwise hold up all later events forever. */
function isDatabaseAway(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return isUnavailable(error) && !['25P03', '57014'].includes(code)
}

const sweepEveryMs = 60_000
const sweepBatch = 1_000

/** Returns a function that deletes old inbox rows, to be called after each event: a consumer without events has no rows to sweep. */
function createSweep({ sql, consumer, log, keepSettledMs = 30 * dayMs }: ConsumerOptions) {
  let sweepAt = 0
  return async () => {
    if (performance.now() < sweepAt) return
    sweepAt = performance.now() + sweepEveryMs
    try {
      // Event ids ascend with time, so the lowest ids find old rows without an index on the time.
      const { count } = await sql`
        delete from inbox
        where consumer = ${consumer}
          and event_id in (
            select event_id from inbox where consumer = ${consumer} order by event_id limit ${sweepBatch}
          )
          and settled_at < now() - ${keepSettledMs} * interval '1 millisecond'
      `
      if (count === sweepBatch) sweepAt = 0
    } catch (error) {
      log.warn({ err: error }, 'The inbox was not swept.')
    }
  }
}

function byType(handlers: readonly Handler[]): Map<string, Handler> {
  const found = new Map(handlers.map((handler) => [handler.type, handler]))
  if (found.size < handlers.length) throw new Error('Two handlers are for one type of event.')
  return found
}
