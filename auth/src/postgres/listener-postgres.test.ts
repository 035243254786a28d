import type { Session, SessionEvents, Tx } from '@ego/kit/postgres/postgres'
import { type TestDatabase, testDatabase } from '@ego/kit/testing/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ListenerOptions, openListener } from './listener-postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase('auth')
})
afterAll(() => database[Symbol.asyncDispose]())

const notify = (payload: string) => database.sql`select pg_notify('news', ${payload})`
const cut = () => database.terminate('ego-news')

/** Writes down everything that it is told. */
async function aListener(options: Partial<ListenerOptions> = {}) {
  const heard: string[] = []
  const warnings: string[] = []
  const failures: number[] = []
  const listener = await openListener({
    sql: database.sql,
    log: {
      warn(fields: object) {
        warnings.push(String(Object(fields).err))
        failures.push(Object(fields).failures)
      },
    },
    channel: 'news',
    purpose: 'news',
    lostText: 'Nothing is announced.',
    onListening: () => void heard.push('listening'),
    onNotify: (payload) => void heard.push(payload),
    onLost: () => void heard.push('lost'),
    ...options,
  })
  return Object.assign(listener, { heard, warnings, failures })
}

test('it hears what is told, from the moment on when it is open', async () => {
  await using listener = await aListener()
  await notify('one')
  await notify('two')
  await expect.poll(() => listener.heard).toEqual(['listening', 'one', 'two'])
})

test('what is told while it loads is heard', async () => {
  const heard: string[] = []
  const onListening = async (tx: Tx) => {
    await notify('meanwhile')
    const [row] = await tx<[{ name: string }]>`select current_database() as name`
    heard.push(row.name)
  }
  await using _ = await aListener({ onListening, onNotify: (payload) => void heard.push(payload) })
  await expect.poll(() => heard).toContain('meanwhile')
  expect(heard).toHaveLength(2)
})

test('cut off again and again, it says so and listens anew', async () => {
  // So long that only the closed connection can be why it notices.
  await using listener = await aListener({ heartbeatMs: 600_000 })
  const expected = ['listening']
  for (let round = 0; round < 3; round += 1) {
    await cut()
    expected.push('lost', 'listening')
    await expect.poll(() => listener.heard, { interval: 2 }).toEqual(expected)
    await notify(`round ${round}`)
    expected.push(`round ${round}`)
    await expect.poll(() => listener.heard, { interval: 2 }).toEqual(expected)
  }
  expect(new Set(listener.warnings)).toEqual(
    new Set(['Error: The connection that listens was closed.']),
  )
  expect(listener.failures).toEqual([1, 2, 3])
})

test('once a connection has answered a heartbeat, the next one is not waited for longer', async () => {
  let beats = 0
  const openSession = async (events: SessionEvents) => {
    const session = await database.sql.openSession(events)
    return answering(session, () => {
      beats += 1
      return true
    })
  }
  await using listener = await aListener({ sql: { openSession }, heartbeatMs: 5 })
  for (const expected of [[1], [1, 1]]) {
    const before = beats
    // The second one begins only after the first one was answered.
    await expect.poll(() => beats).toBeGreaterThan(before + 1)
    await cut()
    await expect.poll(() => listener.failures).toEqual(expected)
    await expect.poll(() => listener.heard.at(-1)).toBe('listening')
  }
})

test('a connection that died silently is noticed and replaced', async () => {
  let isSilent = false
  const openSession = async (events: SessionEvents) => {
    const session = await database.sql.openSession(events)
    isSilent = false
    return answering(session, () => !isSilent)
  }
  await using listener = await aListener({
    sql: { openSession },
    heartbeatMs: 5,
    silenceMsMax: 50,
  })
  isSilent = true
  await expect.poll(() => listener.heard).toEqual(['listening', 'lost', 'listening'])
  expect(listener.warnings).toEqual(['Error: There was no answer in time.'])
  await notify('again')
  await expect.poll(() => listener.heard).toContain('again')
})

test('a connection that never answers is replaced', async () => {
  await using listener = await aListener({ sql: silentSecond(), beginMsMax: 50 })
  await cut()
  await expect.poll(() => listener.heard.filter((word) => word === 'listening')).toHaveLength(2)
  expect(listener.warnings.at(-1)).toBe('Error: There was no answer in time.')
  await notify('again')
  await expect.poll(() => listener.heard.at(-1)).toBe('again')
})

test('it ends at once though a connection does not answer', async () => {
  const sql = silentSecond()
  const listener = await aListener({ sql, beginMsMax: 600_000 })
  await cut()
  await expect.poll(() => sql.opened).toBe(2)
  await listener[Symbol.asyncDispose]()
  await expect.poll(connections).toBe(0)
  expect(listener.warnings).toHaveLength(1)
})

test('a failure while it loads is one of the connection: it is tried again', async () => {
  let loads = 0
  const onListening = () => {
    loads += 1
    if (loads === 2) throw new Error('not loaded')
  }
  await using listener = await aListener({ onListening })
  await cut()
  await expect.poll(() => loads).toBe(3)
  expect(listener.warnings).toContain('Error: not loaded')
})

test('where it cannot listen at first, that is the error of its caller, and no connection stays', async () => {
  const onListening = () => Promise.reject(new Error('not loaded'))
  await expect(aListener({ onListening })).rejects.toThrow('not loaded')
  await expect.poll(connections).toBe(0)
})

test('once disposed it has no connection and hears nothing', async () => {
  const listener = await aListener()
  expect(await connections()).toBe(1)
  await listener[Symbol.asyncDispose]()
  await expect.poll(connections).toBe(0)
  expect(listener.warnings).toEqual([])
})

async function connections(): Promise<number> {
  const [row] = await database.sql<[{ open: number }]>`
    select count(*)::int as open
    from pg_stat_activity
    where datname = current_database() and application_name = 'ego-news'`
  return row.open
}

/** The second connection never answers; `opened` counts them. */
function silentSecond() {
  const sql = {
    opened: 0,
    async openSession(events: SessionEvents) {
      const session = await database.sql.openSession(events)
      sql.opened += 1
      const isSilent = sql.opened === 2
      return answering(session, () => !isSilent)
    },
  }
  return sql
}

/** Where it does not answer it is as with a network that drops every packet: the connection does not end either. */
function answering(session: Session, doesAnswer: () => boolean): Session {
  const through = <T>(ask: () => Promise<T>) => (doesAnswer() ? ask() : new Promise<T>(() => {}))
  const ask: Tx = Object.assign(
    ((strings, ...values) => through(() => session.sql(strings, ...values))) as Tx,
    {
      script: <R extends readonly object[]>(text: string) =>
        through(() => session.sql.script<R>(text)),
    },
  )
  return { sql: ask, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() }
}
