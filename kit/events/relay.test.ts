import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import type { Sql } from '../postgres/postgres.ts'
import { createLog } from '../process/log.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { aDefinition } from '../testing/event.ts'
import type { Bus } from './bus.ts'
import type { Event } from './event.ts'
import { appendEvent, readOutboxLag } from './outbox.ts'
import { type RelayOptions, startRelay } from './relay.ts'

const counted = aDefinition('thing.counted.v1', { n: z.int() })
const log = createLog('kit', 'silent')
const deadline = { timeout: 15_000, interval: 2 }
/** So long that only a notification can cause something before the deadline. */
const neverMs = 600_000

let database: TestDatabase
let sql: Sql
beforeEach(async () => {
  database = await testDatabase('kit')
  sql = database.sql
})
afterEach(() => database[Symbol.asyncDispose]())

const append = (n: number, key = '1') =>
  appendEvent(sql, counted, { key, payload: { n }, requestId: null })
const relay = (bus: RelayOptions['bus'], options: Partial<RelayOptions> = {}) =>
  startRelay({ sql, bus, log, pollMs: 20, ...options })
const isPublished = () =>
  vi.waitFor(async () => expect((await readOutboxLag(sql)).unpublished).toBe(0), deadline)

const isAsleep = () =>
  vi.waitFor(async () => {
    const locks = await sql`
      select 1
      from pg_locks
      where locktype = 'advisory' and classid = 7262 and objid = 2 and mode = 'ExclusiveLock'
        and database = (select oid from pg_database where datname = current_database())
    `
    expect(locks).toHaveLength(1)
  }, deadline)

describe('publishing', () => {
  it('appended events are published in order, in batches, and marked', async () => {
    const bus = recorder()
    for (let n = 0; n < 25; n += 1) await append(n)
    await using _ = relay(bus, { batch: 10 })
    await isPublished()
    expect(bus.numbers()).toEqual(Array.from({ length: 25 }, (_, n) => n))
    expect(bus.calls).toBe(3)
  })

  it('a notification wakes the relay long before the poll', async () => {
    const bus = recorder()
    await using _ = relay(bus, { pollMs: neverMs })
    for (let n = 0; n < 50; n += 1) {
      await append(n)
      await vi.waitFor(() => expect(bus.numbers()).toHaveLength(n + 1), deadline)
    }
  })

  it('no commit is missed while the relay falls asleep', async () => {
    const bus = recorder()
    await using _ = relay(bus, { pollMs: neverMs })
    for (let round = 1; round <= 40; round += 1) {
      await Promise.all([1, 2, 3].map((n) => append(n, `${n}`)))
      await vi.waitFor(() => expect(bus.numbers()).toHaveLength(round * 3), deadline)
    }
  })

  it('a transaction that commits late is found', async () => {
    const bus = recorder()
    await using _ = relay(bus, { pollMs: neverMs })
    await sql.begin(async (tx) => {
      await appendEvent(tx, counted, { key: '1', payload: { n: 1 }, requestId: null })
      await append(2, '2')
      await vi.waitFor(() => expect(bus.numbers()).toEqual([2]), deadline)
    })
    await vi.waitFor(() => expect(bus.numbers()).toEqual([2, 1]), deadline)
  })

  it('events of one key stay in order under concurrent writers', async () => {
    const bus = recorder()
    await sql`insert into inbox (consumer, event_id) select 'lock', uuidv7() from generate_series(1, 5)`
    const ids = (await sql<{ event_id: string }[]>`select event_id from inbox`).map(
      (r) => r.event_id,
    )
    const next = new Map(ids.map((id) => [id, 0]))
    await using _ = relay(bus, { batch: 7 })
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let turn = 0; turn < 40; turn += 1) {
          const key = ids[(writer + turn) % 5] ?? ''
          await sql.begin(async (tx) => {
            await tx`select 1 from inbox where event_id = ${key} for update`
            const n = next.get(key) ?? 0
            next.set(key, n + 1)
            await appendEvent(tx, counted, { key, payload: { n }, requestId: null })
          })
        }
      }),
    )
    await isPublished()
    for (const key of ids) {
      expect(bus.numbers(key)).toEqual(Array.from({ length: 64 }, (_, n) => n))
    }
  })

  it('events published long ago are swept, waiting ones are not', async () => {
    const bus = recorder()
    await append(1)
    await using _ = relay(bus, { keepPublishedMs: 0 })
    await vi.waitFor(async () => {
      expect(await sql`select 1 from outbox`).toHaveLength(0)
    }, deadline)
    expect(bus.numbers()).toEqual([1])
  })
})

describe('two relays of one database', () => {
  it('publish each event once', async () => {
    const [one, other] = [recorder(), recorder()]
    await using _ = relay(one)
    await using __ = relay(other)
    for (let n = 0; n < 100; n += 1) await append(n)
    await isPublished()
    expect([...one.numbers(), ...other.numbers()]).toHaveLength(100)
    expect(Math.min(one.calls, other.calls)).toBe(0)
  })

  it('take over from each other when the connection of the holder dies', async () => {
    let isDead = false
    const dying = recorder(async () => {
      if (isDead) throw new Error('This process is dead.')
    })
    const other = recorder()
    await using _ = relay(dying)
    await append(1)
    await vi.waitFor(() => expect(dying.numbers()).toEqual([1]), deadline)
    await using __ = relay(other)
    isDead = true
    await killHolder(sql)
    await append(2)
    await vi.waitFor(() => expect(other.numbers()).toEqual([2]), deadline)
  })

  it('take over when the holder is disposed', async () => {
    const [one, other] = [recorder(), recorder()]
    const first = relay(one)
    await append(1)
    await isPublished()
    await using _ = relay(other)
    await first[Symbol.asyncDispose]()
    await append(2)
    await vi.waitFor(() => expect(other.numbers()).toEqual([2]), deadline)
    expect(one.numbers()).toEqual([1])
  })
})

describe('failures', () => {
  it('events wait while the bus is down, and are published in order afterwards', async () => {
    let isAway = true
    const bus = recorder(async () => {
      if (isAway) throw new Error('Away.')
    })
    await using _ = relay(bus)
    for (let n = 0; n < 5; n += 1) await append(n)
    await vi.waitFor(() => expect(bus.calls).toBeGreaterThan(1), deadline)
    expect((await readOutboxLag(sql)).unpublished).toBe(5)
    isAway = false
    await isPublished()
    expect(bus.numbers()).toEqual([0, 1, 2, 3, 4])
  })

  it('events are published again after a kill between publish and mark', async () => {
    let kills = 2
    const bus = recorder(async () => {
      if (kills-- > 0) await killHolder(sql)
    })
    await append(1)
    await append(2)
    await using _ = relay(bus)
    await isPublished()
    expect(bus.numbers().slice(0, 4)).toEqual([1, 2, 1, 2])
    expect(new Set(bus.ids()).size).toBe(2)
  })

  it('a connection lost during sleep is reopened', async () => {
    const bus = recorder()
    await using _ = relay(bus, { pollMs: neverMs })
    for (let n = 1; n <= 3; n += 1) {
      await append(n)
      await vi.waitFor(() => expect(bus.numbers()).toHaveLength(n), deadline)
      await isAsleep()
      await killHolder(sql)
    }
  })

  it('disposing finishes the current batch', async () => {
    const gate = Promise.withResolvers<void>()
    const bus = recorder(() => gate.promise)
    const relaying = relay(bus, { batch: 1 })
    await append(1)
    await append(2)
    await vi.waitFor(() => expect(bus.calls).toBe(1), deadline)
    const disposed = relaying[Symbol.asyncDispose]()
    gate.resolve()
    await disposed
    expect(bus.numbers()).toEqual([1])
    expect((await readOutboxLag(sql)).unpublished).toBe(1)
  })

  it('disposing does not wait for a bus that does not answer, and the events stay', async () => {
    const gate = Promise.withResolvers<void>()
    const bus = recorder(() => gate.promise)
    const relaying = relay(bus)
    await append(1)
    await vi.waitFor(() => expect(bus.calls).toBe(1), deadline)
    const started = performance.now()
    await relaying[Symbol.asyncDispose]()
    expect(performance.now() - started).toBeLessThan(4_000)
    expect((await readOutboxLag(sql)).unpublished).toBe(1)
    gate.reject(new Error('Away.'))
  })

  it('disposing does not wait during sleep or while the bus is down', async () => {
    const started = performance.now()
    const asleep = relay(recorder(), { pollMs: neverMs })
    await append(1)
    await isPublished()
    await asleep[Symbol.asyncDispose]()
    const bus = recorder(() => Promise.reject(new Error('Away.')))
    const failing = relay(bus)
    await append(2)
    await vi.waitFor(() => expect(bus.calls).toBeGreaterThan(2), deadline)
    await failing[Symbol.asyncDispose]()
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

function recorder(before: () => Promise<void> = async () => {}) {
  const published: Event[] = []
  const bus: Pick<Bus, 'publish'> & {
    calls: number
    numbers(key?: string): number[]
    ids(): string[]
  } = {
    calls: 0,
    async publish(events) {
      bus.calls += 1
      await before()
      published.push(...events)
    },
    numbers: (key) =>
      published
        .filter((event) => key === undefined || event.key === key)
        .map((event) => counted.payload.parse(event.payload).n),
    ids: () => published.map((event) => event.id),
  }
  return bus
}

async function killHolder(sql: Sql): Promise<void> {
  await sql`
    select pg_terminate_backend(pid)
    from pg_locks
    where locktype = 'advisory' and classid = 7262 and objid = 1 and granted
      and database = (select oid from pg_database where datname = current_database())
  `
}
