import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ListenerOptions, openListener } from './listener.ts'
import type { Session, SessionEvents, Tx } from './postgres.ts'
import { type TestDatabase, testDatabase } from './test-database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase('kit')
})
afterAll(() => database[Symbol.asyncDispose]())

const notify = (payload: string) => database.sql`select pg_notify('news', ${payload})`
const cut = () => database.terminate('ego-news')

/** Writes down everything that it is told. */
async function aListener(options: Partial<ListenerOptions> = {}) {
  const heard: string[] = []
  const warnings: string[] = []
  const listener = await openListener({
    sql: database.sql,
    log: { warn: (fields: object) => void warnings.push(String(Object(fields).err)) },
    channel: 'news',
    purpose: 'news',
    lostText: 'Nobody tells.',
    onListening: () => void heard.push('listening'),
    onNotify: (payload) => void heard.push(payload),
    onLost: () => void heard.push('lost'),
    ...options,
  })
  return Object.assign(listener, { heard, warnings })
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
  for (let round = 0; round < 5; round += 1) {
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
})

test('a connection that died without a word is noticed and replaced', async () => {
  let isSilent = false
  const openSession = async (events: SessionEvents) => {
    const session = await database.sql.openSession(events)
    const hush = () => isSilent
    isSilent = false
    return silenced(session, hush)
  }
  await using listener = await aListener({
    sql: { openSession },
    heartbeatMs: 5,
    silenceMsMax: 50,
  })
  isSilent = true
  await expect.poll(() => listener.heard).toEqual(['listening', 'lost', 'listening'])
  expect(listener.warnings).toEqual(['Error: The connection that listens is silent.'])
  await notify('again')
  await expect.poll(() => listener.heard).toContain('again')
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

/** As a network does that drops every packet: no answer, and no end of the connection either. */
function silenced(session: Session, isSilent: () => boolean): Session {
  const ask = ((strings, ...values) =>
    isSilent() ? new Promise(() => {}) : session.sql(strings, ...values)) as Tx
  return {
    sql: Object.assign(ask, { script: session.sql.script }),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}
