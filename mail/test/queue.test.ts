import { randomUUID } from 'node:crypto'
import { createSignal } from '@ego/kit/async/signal'
import { createLog } from '@ego/kit/process/log'
import { type TestDatabase, testDatabase } from '@ego/kit/testing/database'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { MailerError } from '../src/mailer/mailer.ts'
import { createDeliver } from '../src/message/deliver.ts'
import type { MessageStore } from '../src/message/store.ts'
import { postgresMessages } from '../src/message/store-postgres.ts'
import { startSweep } from '../src/message/sweep.ts'
import { startWorker } from '../src/message/worker.ts'
import { canaries, seal } from './start-mail.ts'

const log = createLog('mail', 'silent')
const start = Date.parse('2026-11-21T03:20:00Z')
const leaseMs = 60_000
const dayMs = 86_400_000
let database: TestDatabase
let messages: MessageStore

beforeAll(async () => {
  database = await testDatabase('mail')
  messages = postgresMessages(database.sql)
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.sql`delete from message`
})

async function queue(count: number, at = start): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID())
  const sealed = await seal(canaries)
  for (const id of ids) {
    await messages.add({ id, template: 'new_device', sealed, requestId: null }, at)
  }
  return ids
}

const claim = (now = start, limit = 100) => messages.claim({ now, limit, leaseMs })

test('of many claims at once each message is in one', async () => {
  const ids = await queue(40)
  const claims = await Promise.all(Array.from({ length: 10 }, () => claim(start, 7)))
  const claimed = claims.flat().map(({ id }) => id)
  expect(new Set(claimed).size).toBe(claimed.length)
  claimed.push(...(await claim()).map(({ id }) => id))
  expect(claimed.toSorted()).toEqual(ids.toSorted())
})

test('a claimed message is free again when the lease is over, and the attempt is counted', async () => {
  await queue(1)
  expect(await claim()).toMatchObject([{ attempts: 1, createdAt: new Date(start) }])
  expect(await claim(start + leaseMs - 1)).toEqual([])
  expect(await claim(start + leaseMs)).toMatchObject([{ attempts: 2 }])
})

test('a process that is too late cannot change what another one claimed since', async () => {
  await queue(1)
  const [late] = await claim()
  const [current] = await claim(start + leaseMs)
  if (!late || !current) throw new Error('It should have been claimed twice.')
  await messages.postpone(late, 'late', start)
  await messages.markDead(late, 'late', start)
  expect(await claim(start + leaseMs)).toEqual([])
  expect(await messages.listDead(100)).toEqual([])
  // But what was sent is sent, also when the late process says so.
  await messages.markSent(late.id, start)
  await messages.postpone(current, 'too late as well', start)
  expect(await claim(start + dayMs)).toEqual([])
})

test('the waits between attempts double up to an hour, by chance up to half of that shorter', async () => {
  await queue(1)
  const waitsMs: number[] = []
  const postpone: MessageStore['postpone'] = async (_, __, dueAt) => {
    waitsMs.push(dueAt - start)
  }
  const deps = {
    messages: { ...messages, postpone },
    mailer: { send: () => Promise.reject(new MailerError('The server is down.')) },
    open: async () => canaries,
    log,
    now: () => start,
    attemptsMax: 40,
  }
  const [message] = await claim()
  if (!message) throw new Error('It should have been claimed.')
  const { signal } = new AbortController()
  for (let attempts = 1; attempts < 40; attempts += 1) {
    await createDeliver(deps)({ ...message, attempts }, signal)
  }
  expect(waitsMs).toHaveLength(39)
  for (const [index, waitMs] of waitsMs.entries()) {
    const fullMs = Math.min(3_600_000, 5_000 * 2 ** index)
    expect(waitMs).toBeGreaterThanOrEqual(fullMs / 2)
    expect(waitMs).toBeLessThanOrEqual(fullMs)
  }
  const wholeMs = waitsMs.reduce((sum, waitMs) => sum + waitMs)
  expect(wholeMs / dayMs).toBeGreaterThan(0.6)
  expect(wholeMs / dayMs).toBeLessThan(1.3)
})

test('a mail whose attempts were all cut off is dead without another one', async () => {
  await queue(1)
  for (let attempts = 1; attempts <= 2; attempts += 1) await claim(start + attempts * leaseMs)
  const [message] = await claim(start + 3 * leaseMs)
  if (!message) throw new Error('It should have been claimed.')
  const send = vi.fn(async () => {})
  const open = async () => canaries
  const deps = { messages, mailer: { send }, open, log, now: () => start, attemptsMax: 2 }
  await createDeliver(deps)(message, new AbortController().signal)
  expect(send).not.toHaveBeenCalled()
  expect(await messages.listDead(100)).toMatchObject([
    { failure: 'Each attempt was cut off before it ended.' },
  ])
})

test('a mail that was sent but could not be marked is marked when the database is back', async () => {
  await queue(1)
  const [message] = await claim()
  if (!message) throw new Error('It should have been claimed.')
  const send = vi.fn(async () => {})
  let refusals = 2
  const markSent: MessageStore['markSent'] = async (id, now) => {
    if (refusals-- > 0) throw new Error('The database is away.')
    await messages.markSent(id, now)
  }
  const away = { ...messages, markSent }
  const open = async () => canaries
  const deps = { messages: away, mailer: { send }, open, log, now: () => start, attemptsMax: 2 }
  await createDeliver(deps)(message, new AbortController().signal)
  expect(send).toHaveBeenCalledTimes(1)
  expect(await messages.measure()).toMatchObject({ waiting: 0, dead: 0 })
})

test('a mail that was sent is not sent again because the database was away for half a minute', async () => {
  await queue(1)
  const [message] = await claim()
  if (!message) throw new Error('It should have been claimed.')
  let awayMs = 30_000
  const sleep = async (ms: number) => {
    awayMs -= ms
  }
  const markSent: MessageStore['markSent'] = async (id, now) => {
    if (awayMs > 0) throw new Error('The database is away.')
    await messages.markSent(id, now)
  }
  const deps = {
    messages: { ...messages, markSent },
    mailer: { send: async () => {} },
    open: async () => canaries,
    log,
    now: () => start,
    attemptsMax: 2,
    sleep,
  }
  await createDeliver(deps)(message, new AbortController().signal)
  expect(await messages.measure()).toMatchObject({ waiting: 0, dead: 0 })
})

test('an unexpected error is told by its kind only', async () => {
  await queue(1)
  const [message] = await claim()
  if (!message) throw new Error('It should have been claimed.')
  const lines: string[] = []
  const deps = {
    messages,
    mailer: {
      send: async () => {
        throw new RangeError(`about ${canaries.to}`, { cause: canaries.token })
      },
    },
    open: async () => canaries,
    log: {
      info: vi.fn(),
      warn: (line: object) => lines.push(JSON.stringify(line)),
      error: vi.fn(),
    },
    now: () => start,
    attemptsMax: 2,
  }
  await createDeliver(deps)(message, new AbortController().signal)
  expect(lines.join()).toContain('Something unexpected went wrong: RangeError.')
  expect(lines.join()).not.toContain('canary')
  const rows = await database.sql<[{ all: string }]>`select json_agg(m)::text as all from message m`
  expect(rows[0].all).not.toContain('canary')
})

test('a worker takes no more at once than it may, and all in the end', async () => {
  await queue(20)
  let [underWay, most, sent] = [0, 0, 0]
  const wakeUp = createSignal()
  await using _ = startWorker({
    messages,
    async deliver({ id }) {
      underWay += 1
      most = Math.max(most, underWay)
      await messages.markSent(id, start)
      underWay -= 1
      sent += 1
    },
    wakeUp,
    log,
    now: () => start,
    pollMs: 20,
    atOnceMax: 3,
  })
  await vi.waitFor(() => expect(sent).toBe(20), { timeout: 10_000 })
  expect(most).toBe(3)
})

test('a stop cuts off what takes too long', async () => {
  await queue(1)
  let begun = () => {}
  const beginning = new Promise<void>((resolve) => {
    begun = resolve
  })
  const worker = startWorker({
    messages,
    deliver: (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve())
        begun()
      }),
    wakeUp: createSignal(),
    log,
    now: () => start,
    graceMs: 50,
  })
  await beginning
  const started = performance.now()
  await worker[Symbol.asyncDispose]()
  expect(performance.now() - started).toBeLessThan(3_000)
})

test('the settled ones are deleted after 30 days, in batches, and those that wait stay', async () => {
  const [waiting] = await queue(1, start + 40 * dayMs)
  await queue(7)
  for (const message of await claim()) {
    if (message.attempts % 2) await messages.markSent(message.id, start)
    else await messages.markDead(message, 'no', start)
  }
  const [recent = ''] = await queue(1, start + 10 * dayMs)
  await messages.markSent(recent, start + 10 * dayMs)
  const now = () => start + 30 * dayMs + 1
  await using _ = startSweep({ messages, log, now, batch: 3 })
  const left = async () =>
    (await database.sql<{ id: string }[]>`select message_id as id from message`).map(({ id }) => id)
  await vi.waitFor(async () => expect(await left()).toHaveLength(2))
  expect((await left()).toSorted()).toEqual([waiting, recent].toSorted())
  expect(await messages.measure()).toMatchObject({ waiting: 1, dead: 0 })
})

test('the sealed text and the state sent exclude each other', async () => {
  const [id = ''] = await queue(1)
  await expect(
    database.sql`update message set state = 'sent', settled_at = now() where message_id = ${id}`,
  ).rejects.toThrow('message_sealed_until_sent')
})
