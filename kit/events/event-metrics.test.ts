import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectPostgres } from '../postgres/postgres.ts'
import { createMetrics } from '../process/metrics.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { addDeadLetter } from './dead-letters.ts'
import { measureEvents } from './event-metrics.ts'
import { lagCountMax, readOutboxLag } from './outbox.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase('kit')
})
afterAll(() => database[Symbol.asyncDispose]())

function gaugeOf(text: string, name: string): number {
  return Number(new RegExp(`^${name}{service="test"} (\\S+)$`, 'm').exec(text)?.[1] ?? -1)
}

it('a scrape shows the waiting events and the number of dead letters', async () => {
  const { sql } = database
  const metrics = createMetrics('test')
  measureEvents(metrics, sql, 'posts')
  const before = await metrics.render()
  const names = ['outbox_unpublished_events', 'outbox_oldest_seconds', 'dead_letters']
  expect(names.map((name) => gaugeOf(before, name))).toEqual([0, 0, 0])

  await sql`
    insert into outbox (type, key, payload, occurred_at)
    select 'thing.noted.v1', 'a', '{}', now() - interval '1 minute'
    from generate_series(1, 3)`
  const event = { type: 'thing.noted.v1', key: 'a', request_id: null, payload: {} }
  for (const consumer of ['posts', 'posts', 'another']) {
    const [id, occurred_at] = [randomUUID(), new Date().toISOString()]
    const letter = { consumer, event: { ...event, id, occurred_at }, error: 'x', attempts: 1 }
    await addDeadLetter(sql, letter)
  }
  const after = await metrics.render()
  expect(gaugeOf(after, 'outbox_unpublished_events')).toBe(3)
  expect(gaugeOf(after, 'outbox_oldest_seconds')).toBeGreaterThanOrEqual(60)
  expect(gaugeOf(after, 'dead_letters')).toBe(2)
})

it('a huge backlog is counted up to a limit', async () => {
  const { sql } = database
  await sql`
    insert into outbox (type, key, payload)
    select 'thing.noted.v1', 'a', '{}'
    from generate_series(1, ${lagCountMax + 5}::integer)`
  expect((await readOutboxLag(sql)).unpublished).toBe(lagCountMax)
})

it('a scrape without the database responds with unknown values', async () => {
  await using sql = connectPostgres({ url: 'postgres://unknown@127.0.0.1:1/none' })
  const metrics = createMetrics('test')
  measureEvents(metrics, sql, 'posts')
  metrics.gauge('stuck', 'Never answers.', () => new Promise(() => {}))
  metrics.gauge('sound', 'Answers.', () => 1)
  const text = await metrics.render()
  expect(gaugeOf(text, 'dead_letters')).toBeNaN()
  expect(gaugeOf(text, 'stuck')).toBeNaN()
  expect(gaugeOf(text, 'sound')).toBe(1)
})
