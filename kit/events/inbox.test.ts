import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { pause } from '../async/backoff.ts'
import { connectPostgres, type Sql, type Tx } from '../postgres/postgres.ts'
import { createLog } from '../process/log.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { aDefinition } from '../testing/event.ts'
import { discardDeadLetter, listDeadLetters } from './dead-letters.ts'
import type { Event } from './event.ts'
import { type ConsumerOptions, on, replayDeadLetter, startConsumer } from './inbox.ts'
import { memoryBus } from './memory/bus-memory.ts'

const log = createLog('kit', 'silent')
const deadline = { timeout: 15_000, interval: 2 }
const counted = aDefinition('thing.counted.v1', { n: z.int() })

let database: TestDatabase
let sql: Sql
beforeAll(async () => {
  database = await testDatabase('kit')
  sql = database.sql
  const owner = connectPostgres({ url: database.ownerUrl, max: 1 })
  await owner`create table effect (n integer not null)`
  await owner[Symbol.asyncDispose]()
})
beforeEach(
  () => sql`with a as (delete from inbox), b as (delete from dead_letter) delete from effect`,
)
afterAll(() => database[Symbol.asyncDispose]())

const effects = async () => (await sql<{ n: number }[]>`select n from effect`).map((row) => row.n)
const letters = () => listDeadLetters(sql, { consumer: 'posts' })
const write = async (tx: Tx, n: number) => {
  await tx`insert into effect (n) values (${n})`
}

/** A consumer whose effect is a row, inserted after a step that the test defines. */
async function consume(
  before: (tx: Tx, n: number) => Promise<unknown> = async () => {},
  options: Partial<ConsumerOptions> = {},
) {
  const bus = memoryBus()
  const sleeps: number[] = []
  const consumer = {
    sql,
    consumer: 'posts',
    on: [
      on(counted, ['n'], async (tx, { payload: { n } }) => {
        await write(tx, n)
        await before(tx, n)
      }),
    ],
  }
  const sleep = async (ms: number) => void sleeps.push(ms)
  const started = await startConsumer({ ...consumer, bus, log, sleep, ...options })
  return {
    bus,
    consumer,
    sleeps,
    [Symbol.asyncDispose]: async () => started[Symbol.asyncDispose](),
  }
}

it('an event is applied once, however often and concurrently it arrives', async () => {
  await using consumer = await consume(() => pause(5))
  const event = anEvent(1)
  await Promise.all(Array.from({ length: 10 }, () => consumer.bus.publish([event, event])))
  await consumer.bus.publish([event])
  expect(await effects()).toEqual([1])
})

it('two consumers of one database each apply an event', async () => {
  await using consumer = await consume()
  await startConsumer({ ...consumer.consumer, bus: consumer.bus, log, consumer: 'mail' })
  await consumer.bus.publish([anEvent(1)])
  expect(await effects()).toEqual([1, 1])
})

it('unknown fields are ignored', async () => {
  await using consumer = await consume()
  await consumer.bus.publish([anEvent(1, { payload: { n: 1, new_field: 'x' } })])
  expect(await effects()).toEqual([1])
})

it('an event that fails a few times is retried with growing waits and applied', async () => {
  let failures = 4
  await using consumer = await consume(async () => {
    if (failures-- > 0) throw new Error('Not yet.')
  })
  await consumer.bus.publish([anEvent(1), anEvent(2)])
  expect(await effects()).toEqual([1, 2])
  expect(await letters()).toEqual([])
  expect(consumer.sleeps).toHaveLength(4)
  expect(consumer.sleeps[3]).toBeGreaterThan(consumer.sleeps[0] ?? Number.POSITIVE_INFINITY)
})

it('an event that keeps failing becomes a dead letter, later ones are applied, and a replay applies it', async () => {
  let isBroken = true
  await using consumer = await consume(async (_, n) => {
    if (isBroken && n === 1) throw new Error('A bug\0.')
  })
  const hopeless = anEvent(1, { payload: { n: 1, text: '\u0000' } })
  await consumer.bus.publish([hopeless, anEvent(2)])
  expect(await effects()).toEqual([2])
  expect(await letters()).toEqual([
    {
      consumer: 'posts',
      event: hopeless,
      error: 'Error: A bug.',
      attempts: 5,
      died_at: expect.any(String),
    },
  ])
  await consumer.bus.publish([hopeless])
  expect(await letters()).toHaveLength(1)

  await expect(replayDeadLetter(consumer.consumer, hopeless.id)).rejects.toThrow('A bug')
  expect(await letters()).toHaveLength(1)
  isBroken = false
  const replays = [1, 2, 3].map(() => replayDeadLetter(consumer.consumer, hopeless.id))
  expect((await Promise.all(replays)).toSorted()).toEqual([false, false, true])
  expect((await effects()).toSorted()).toEqual([1, 2])
  expect(await letters()).toEqual([])
})

it('a payload that does not fit is a dead letter at once, and can be discarded', async () => {
  await using consumer = await consume()
  const misfit = anEvent(1, { payload: { n: 'one' } })
  await consumer.bus.publish([misfit, anEvent(2)])
  expect(await effects()).toEqual([2])
  expect(await letters()).toMatchObject([{ event: misfit, attempts: 1 }])
  expect((await letters())[0]?.error).toContain('expected number')
  expect(consumer.sleeps).toEqual([])
  expect(await discardDeadLetter(sql, 'posts', misfit.id)).toBe(true)
  expect(await discardDeadLetter(sql, 'posts', misfit.id)).toBe(false)
})

it('dead letters are listed in pages', async () => {
  await using consumer = await consume()
  const misfits = [1, 2, 3].map((n) => anEvent(n, { id: uuid(n), payload: {} }))
  await consumer.bus.publish(misfits)
  const [first, second] = await listDeadLetters(sql, { consumer: 'posts', limit: 2 })
  expect([first?.event.id, second?.event.id]).toEqual([uuid(1), uuid(2)])
  const rest = await listDeadLetters(sql, { consumer: 'posts', after: uuid(2) })
  expect(rest.map(({ event }) => event.id)).toEqual([uuid(3)])
})

it('while the database is down no attempt is counted, and the bus delivers again', async () => {
  let failures = 8
  await using consumer = await consume(
    async (tx) => {
      if (failures-- > 0) await tx`select pg_terminate_backend(pg_backend_pid())`
    },
    { attemptsMax: 1 },
  )
  const event = anEvent(1)
  await expect(consumer.bus.publish([event])).rejects.toThrow('Not every consumer')
  await vi.waitFor(() => consumer.bus.publish([event]), deadline)
  expect(await effects()).toEqual([1])
  expect(await letters()).toEqual([])
  expect(consumer.sleeps).toEqual([])
})

it('an attempt that runs into the statement timeout is counted', async () => {
  await using consumer = await consume(async (tx) => {
    await tx`set local statement_timeout = 20`
    await tx`select pg_sleep(10)`
  })
  await consumer.bus.publish([anEvent(1)])
  expect(await letters()).toMatchObject([{ attempts: 5 }])
})

it('disposing ends the wait before a retry and leaves the event to the bus', async () => {
  const waiting = Promise.withResolvers<void>()
  const consumer = await consume(() => Promise.reject(new Error('Not now.')), {
    sleep: async (_, signal) => {
      waiting.resolve()
      await pause(600_000, signal)
    },
  })
  const published = expect(consumer.bus.publish([anEvent(1)])).rejects.toThrow('Not every consumer')
  await waiting.promise
  await consumer[Symbol.asyncDispose]()
  await published
  expect(await effects()).toEqual([])
  expect(await letters()).toEqual([])
})

it('old inbox rows are swept', async () => {
  await sql`
    insert into inbox (consumer, event_id, settled_at)
    values ('posts', ${uuid(1)}, now() - interval '31 days'), ('posts', ${uuid(2)}, now())
  `
  await using consumer = await consume()
  await consumer.bus.publish([anEvent(3, { id: uuid(3) })])
  const left = await sql<{ event_id: string }[]>`select event_id from inbox order by event_id`
  expect(left.map((row) => row.event_id)).toEqual([uuid(2), uuid(3)])
})

it('the follow-up of a commit is retried alone, then given up, and the event stays settled', async () => {
  const calls: number[] = []
  let failures = 2
  const handler = on(counted, ['n'], async (tx, { payload: { n } }) => {
    await write(tx, n)
    return async () => {
      calls.push(n)
      if (failures-- > 0) throw new Error('Not yet.')
    }
  })
  await using consumer = await consume(undefined, { on: [handler] })
  const [event, hopeless] = [anEvent(1), anEvent(2)]
  await consumer.bus.publish([event])
  expect(calls).toEqual([1, 1, 1])
  failures = 100
  await consumer.bus.publish([hopeless, event])
  expect(calls.slice(3)).toEqual([2, 2, 2, 2, 2])
  expect(await effects()).toEqual([1, 2])
  expect(await letters()).toEqual([])
})

describe('work before the transaction of an event', () => {
  /** Fails a given number of times; each of its steps is committed on its own. */
  function aSlowWork() {
    const work = { failures: 0, steps: 0 }
    const before = async () => {
      work.steps += 1
      if (work.failures-- > 0) throw new Error('Not yet.')
    }
    const handler = on(counted, ['n'], async (tx, event) => write(tx, event.payload.n), before)
    return { work, handler }
  }

  it('continues when the event is delivered again, and is skipped for a settled one', async () => {
    const { work, handler } = aSlowWork()
    await using consumer = await consume(undefined, { on: [handler] })
    work.failures = 2
    const event = anEvent(1)
    await consumer.bus.publish([event])
    expect([work.steps, await effects()]).toEqual([3, [1]])
    await consumer.bus.publish([event])
    expect([work.steps, await effects()]).toEqual([3, [1]])
  })

  it('also runs for a replayed dead letter', async () => {
    const { work, handler } = aSlowWork()
    await using consumer = await consume(undefined, { on: [handler], attemptsMax: 1 })
    work.failures = 1
    const event = anEvent(1)
    await consumer.bus.publish([event])
    expect([(await letters()).length, await effects()]).toEqual([1, []])
    expect(await replayDeadLetter({ sql, consumer: 'posts', on: [handler] }, event.id)).toBe(true)
    expect([work.steps, await effects()]).toEqual([2, [1]])
  })
})

function anEvent(n: number, fields: Partial<Event> = {}): Event {
  return {
    id: randomUUID(),
    type: 'thing.counted.v1',
    key: '1',
    occurred_at: '2026-11-21T10:00:00.000Z',
    request_id: null,
    payload: { n },
    ...fields,
  }
}

const uuid = (n: number) => `01990000-0000-7000-8000-00000000000${n}`
