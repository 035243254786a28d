import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { connectPostgres, type Sql } from '../postgres/postgres.ts'
import { createLog } from '../process/log.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { aDefinition } from '../testing/event.ts'
import { on, startConsumer } from './inbox.ts'
import { memoryBus } from './memory/bus-memory.ts'
import { appendEvent, readOutboxLag } from './outbox.ts'
import { startRelay } from './relay.ts'

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
beforeEach(() => sql`with a as (delete from inbox), b as (delete from outbox) delete from effect`)
afterAll(() => database[Symbol.asyncDispose]())

const effects = async () => (await sql<{ n: number }[]>`select n from effect`).map((row) => row.n)

const consumer = {
  consumer: 'posts',
  on: [
    on(counted, ['n'], async (tx, { payload: { n } }) => {
      await tx`insert into effect (n) values (${n})`
    }),
  ],
}

it.each(['apply', 'publish'])(
  'a process killed repeatedly during %s leaves each effect exactly once',
  { timeout: 60_000 },
  async (place) => {
    const events = [1, 2, 3, 4].map((n) => ({ key: '1', payload: { n }, requestId: null }))
    await appendEvent(sql, counted, ...events)
    for (const n of [1, 2, 3, 4]) expect(await runUntilKilled(place, n)).toBe('SIGKILL')
    const bus = memoryBus()
    await using _ = await startConsumer({ ...consumer, sql, bus, log })
    await using __ = startRelay({ sql, bus, log, pollMs: 20 })
    await vi.waitFor(async () => expect((await readOutboxLag(sql)).unpublished).toBe(0), deadline)
    expect(await effects()).toEqual([1, 2, 3, 4])
  },
)

it('10,000 events reach their effects through outbox and inbox', { timeout: 60_000 }, async () => {
  const bus = memoryBus()
  await using _ = await startConsumer({ ...consumer, sql, bus, log })
  const events = Array.from({ length: 10_000 }, (_, n) => ({
    key: `${n % 100}`,
    payload: { n },
    requestId: null,
  }))
  await appendEvent(sql, counted, ...events)
  const started = performance.now()
  await using __ = startRelay({ sql, bus, log })
  await vi.waitFor(async () => expect((await readOutboxLag(sql)).unpublished).toBe(0), {
    timeout: 50_000,
    interval: 20,
  })
  const seconds = (performance.now() - started) / 1_000
  process.stdout.write(`outbox to effect: ${Math.round(10_000 / seconds)} events/s\n`)
  expect(new Set(await effects()).size).toBe(10_000)
  expect(await effects()).toHaveLength(10_000)
})

/** Runs a process that kills itself in the transaction of event n, or after that is committed but not marked as published. */
async function runUntilKilled(place: string, n: number): Promise<NodeJS.Signals | null> {
  const from = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  const script = `
    import { z } from ${JSON.stringify(import.meta.resolve('zod'))}
    import { aDefinition } from ${from('../testing/event.ts')}
    import { memoryBus } from ${from('./memory/bus-memory.ts')}
    import { on, startConsumer } from ${from('./inbox.ts')}
    import { createLog } from ${from('../process/log.ts')}
    import { connectPostgres } from ${from('../postgres/postgres.ts')}
    import { startRelay } from ${from('./relay.ts')}
    const sql = connectPostgres({ url: ${JSON.stringify(database.url)} })
    const log = createLog('kit', 'silent')
    const die = () => new Promise(() => process.kill(process.pid, 'SIGKILL'))
    const bus = memoryBus()
    const apply = async (tx, { payload: { n } }) => {
      await tx\`insert into effect (n) values (\${n})\`
      if (${place === 'apply'} && n === ${n}) await die()
    }
    await startConsumer({
      sql, bus, log, consumer: 'posts', on: [on(aDefinition('thing.counted.v1', { n: z.int() }), ['n'], apply)],
    })
    const publish = async (events) => {
      await bus.publish(events)
      if (${place === 'publish'} && events[0].payload.n === ${n}) await die()
    }
    startRelay({ sql, bus: { publish }, log, batch: 1, pollMs: 20 })
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
  const [, signal] = await once(child, 'exit')
  return signal
}
