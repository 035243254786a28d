import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { aDefinition } from '../testing/event.ts'
import {
  appendEvent,
  listUnpublished,
  markPublished,
  readOutboxLag,
  sweepOutbox,
} from './outbox.ts'

const noted = aDefinition('note.taken.v1', { text: z.string(), tags: z.array(z.string()) })

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase('kit')
})
afterEach(() => database.sql`delete from outbox`)
afterAll(() => database[Symbol.asyncDispose]())

const aNote = (text: string, key = '1') => ({
  key,
  payload: { text, tags: ['a'] },
  requestId: 'a-request',
})

async function texts(): Promise<unknown[]> {
  const rows = await listUnpublished(database.sql, 1_000)
  return rows.map(({ event }) => noted.payload.parse(event.payload).text)
}

it('an event has all its fields', async () => {
  await appendEvent(database.sql, noted, aNote('first'))
  const [row] = await listUnpublished(database.sql, 10)
  expect(row?.event).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
    type: 'note.taken.v1',
    key: '1',
    occurred_at: expect.stringMatching(/^\d{4}-.*Z$/),
    request_id: 'a-request',
    payload: { text: 'first', tags: ['a'] },
  })
  expect(Math.abs(Date.now() - Date.parse(row?.event.occurred_at ?? ''))).toBeLessThan(60_000)
})

it('a rollback appends nothing', async () => {
  const undone = database.sql.begin(async (tx) => {
    await appendEvent(tx, noted, aNote('never'))
    throw new Error('No.')
  })
  await expect(undone).rejects.toThrow('No.')
  expect(await texts()).toEqual([])
})

it('several events are appended in the order given', async () => {
  const many = Array.from({ length: 500 }, (_, n) => `${n}`)
  await appendEvent(database.sql, noted, ...many.map((text) => aNote(text)))
  await appendEvent(database.sql, noted)
  expect(await texts()).toEqual(many)
})

it('every string that JSON can represent is read unchanged', async () => {
  const hostile = ['\u0000', '\ud800', `'";{}\\,NULL`, 'null', '', 'Zoë 😀\n', '{"a":1}']
  await appendEvent(database.sql, noted, ...hostile.map((text) => aNote(text, `k'"{},\\NULL`)))
  expect(await texts()).toEqual(hostile)
  const [row] = await listUnpublished(database.sql, 1)
  expect(row?.event.key).toBe(`k'"{},\\NULL`)
})

it('a field that the definition does not have is refused', async () => {
  const payload = { text: 'a', tags: [], password: 'secret' }
  const event = { key: '1', payload, requestId: null }
  await expect(appendEvent(database.sql, noted, event)).rejects.toThrow('password')
  expect(await texts()).toEqual([])
})

it('a payload that does not fit is refused, and no event of the call is appended', async () => {
  const misfit = { ...aNote('b'), payload: JSON.parse('{"text": 1}') }
  await expect(appendEvent(database.sql, noted, aNote('a'), misfit)).rejects.toThrow('text')
  expect(await texts()).toEqual([])
})

it('the lag is the number and the age of unpublished events', async () => {
  expect(await readOutboxLag(database.sql)).toEqual({ unpublished: 0, oldestMs: 0 })
  await appendEvent(database.sql, noted, aNote('a'), aNote('b'), aNote('c'))
  await database.sql`update outbox set occurred_at = now() - interval '1 minute'`
  await markPublished(database.sql, await listUnpublished(database.sql, 1))
  const lag = await readOutboxLag(database.sql)
  expect(lag.unpublished).toBe(2)
  expect(lag.oldestMs).toBeGreaterThanOrEqual(60_000)
  expect(lag.oldestMs).toBeLessThan(120_000)
})

it('a sweep deletes only events published long ago, in batches', async () => {
  await appendEvent(database.sql, noted, ...['a', 'b', 'c', 'd', 'e'].map((text) => aNote(text)))
  await markPublished(database.sql, await listUnpublished(database.sql, 4))
  await database.sql`
    update outbox
    set published_at = now() - interval '2 hours'
    where payload ->> 'text' in ('a', 'b', 'c')
  `
  const hourMs = 3_600_000
  expect(await sweepOutbox(database.sql, hourMs, 2)).toBe(2)
  expect(await sweepOutbox(database.sql, hourMs, 2)).toBe(1)
  expect(await sweepOutbox(database.sql, hourMs, 2)).toBe(0)
  expect(await texts()).toEqual(['e'])
  const [left] = await database.sql`select count(*)::int as rows from outbox`
  expect(left).toEqual({ rows: 2 })
})
