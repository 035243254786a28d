import type { z } from 'zod'
import { backoffMs, pause } from './backoff.ts'
import type { Bus } from './bus.ts'
import { buryEvent, digUpDeadLetter } from './dead-letters.ts'
import type { Event } from './event.ts'
import type { Log } from './log.ts'
import type { Sql, Tx } from './postgres.ts'
import { isUnavailable } from './postgres-errors.ts'

/** What it answers is called once the transaction is committed; a crash in between loses that call. */
type Apply = (tx: Tx) => Promise<Afterwards>
type Afterwards = void | (() => Promise<void>)

/** One type of event and what a consumer does about it; `prepare` throws when the payload does not fit. */
export type Handler = { type: string; prepare(event: Event): Apply }

/**
 * The schema names only what this consumer needs. Everything that `apply` does must go through `tx`: whatever does not
 * is done again when the event comes again.
 */
export function on<Schema extends z.ZodType>(
  type: string,
  schema: Schema,
  apply: (tx: Tx, event: Event<z.output<Schema>>) => Promise<Afterwards>,
): Handler {
  return {
    type,
    prepare(event) {
      const payload = schema.parse(event.payload)
      return (tx) => apply(tx, { ...event, payload })
    },
  }
}

export type ConsumerOptions = {
  sql: Sql
  bus: Pick<Bus, 'subscribe'>
  log: Pick<Log, 'warn' | 'error'>
  consumer: string
  on: readonly Handler[]
  attemptsMax?: number
  /** How long a repeated delivery is recognised. */
  keepSettledMs?: number
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>
}

const dayMs = 86_400_000
const retry = { baseMs: 100, capMs: 5_000 }

/**
 * Applies each event exactly once: its effect and its inbox row are one transaction. A failure is tried again, then the
 * event becomes a dead letter and later ones go on. While the database is away nothing is counted: the bus delivers again.
 */
export async function startConsumer(options: ConsumerOptions): Promise<AsyncDisposable> {
  const { sql, bus, consumer, log } = options
  const handlers = byType(options.on)
  const stopping = new AbortController()
  const sweep = sweeper(options)

  const subscription = await bus.subscribe({
    consumer,
    types: [...handlers.keys()],
    async handle(event) {
      const handler = handlers.get(event.type)
      if (!handler) return
      const failure = await settle(handler, event, { ...options, signal: stopping.signal })
      if (failure) {
        const { error, attempts } = failure
        log.error({ err: error, event_id: event.id, type: event.type, attempts }, 'A dead letter.')
        await sql.begin(async (tx) => {
          if (await enterInbox(tx, consumer, event))
            await buryEvent(tx, { consumer, event, ...failure })
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
 * Applies a dead letter after its cause is gone, for an operator. `false` when there is none, also because somebody else
 * replays it; when it fails again the letter stays and the error is thrown.
 */
export async function replayDeadLetter(
  { sql, consumer, on: handlers }: Pick<ConsumerOptions, 'sql' | 'consumer' | 'on'>,
  eventId: string,
): Promise<boolean> {
  const replayed = await sql.begin(async (tx) => {
    const letter = await digUpDeadLetter(tx, consumer, eventId)
    if (!letter) return null
    const handler = byType(handlers).get(letter.event.type)
    if (!handler) throw new Error(`${consumer} does not handle ${letter.event.type}.`)
    return { afterwards: await handler.prepare(letter.event)(tx) }
  })
  await replayed?.afterwards?.()
  return replayed !== null
}

type Failure = { error: unknown; attempts: number }
type Attempts = ConsumerOptions & { signal: AbortSignal }

async function settle(handler: Handler, event: Event, options: Attempts): Promise<Failure | null> {
  const { sql, consumer, log, attemptsMax = 5, sleep = pause, signal } = options
  let apply: Apply
  try {
    apply = handler.prepare(event)
  } catch (error) {
    return { error, attempts: 1 }
  }
  for (let attempts = 1; ; attempts += 1) {
    try {
      const afterwards = await sql.begin(async (tx) => {
        if (await enterInbox(tx, consumer, event)) return apply(tx)
      })
      await afterwards?.()
      return null
    } catch (error) {
      if (isDatabaseAway(error) || signal.aborted) throw error
      if (attempts === attemptsMax) return { error, attempts }
      log.warn({ err: error, event_id: event.id, type: event.type, attempts }, 'An event failed.')
      await sleep(backoffMs(attempts, retry), signal)
    }
  }
}

/** `false` when this consumer is done with the event. Another delivery of it at the same time waits here. */
async function enterInbox(tx: Tx, consumer: string, event: Event): Promise<boolean> {
  const { count } = await tx`
    insert into inbox (consumer, event_id)
    values (${consumer}, ${event.id})
    on conflict do nothing
  `
  return count === 1
}

/** A handler that is too slow is at fault itself, and would otherwise hold up everything behind it for ever. */
function isDatabaseAway(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return isUnavailable(error) && !['25P03', '55P03', '57014'].includes(code)
}

const sweepEveryMs = 60_000
const sweepBatch = 1_000

/** Handling does the sweeping: a consumer without events has nothing to sweep. */
function sweeper({ sql, consumer, log, keepSettledMs = 30 * dayMs }: ConsumerOptions) {
  let sweepAt = 0
  return async () => {
    if (performance.now() < sweepAt) return
    sweepAt = performance.now() + sweepEveryMs
    try {
      // Event ids ascend with time, so the lowest of them finds old rows without an index on the time.
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
