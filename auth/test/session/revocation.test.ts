import { setImmediate as nextTurn } from 'node:timers/promises'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import type { Service } from '@ego/kit/http/service'
import type { Sql } from '@ego/kit/postgres/postgres'
import { createLog } from '@ego/kit/process/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { postgresRevocations } from '../../src/revocation/revocations-postgres.ts'
import { wireAuth } from '../../src/wire.ts'
import { aMember, as, startAuth, type TestAuth } from '../start-auth.ts'

const log = createLog('auth', 'silent')
const knownMsMax = 1_000

let auth: TestAuth
let other: Service

beforeAll(async () => {
  auth = await startAuth()
  other = await wireAuth(loadConfig(auth.environment), { log, bus: memoryBus() })
})
afterAll(async () => {
  await other[Symbol.asyncDispose]()
  await auth[Symbol.asyncDispose]()
})

async function verifyElsewhere(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await other.app.request('/auth/verify', { headers })).status
}

const signOut = (token: string) => as(auth, token, '/auth/logout', 'POST')

/** A token that the other process has verified before, so that it answers from memory. */
async function aKnownToken(): Promise<string> {
  const { token } = await aMember(auth)
  expect(await verifyElsewhere(token)).toBe(204)
  return token
}

async function msUntilRefusedElsewhere(token: string): Promise<number> {
  const startedAtMs = performance.now()
  const elapsedMs = () => performance.now() - startedAtMs
  while ((await verifyElsewhere(token)) !== 401 && elapsedMs() < 2 * knownMsMax) await nextTurn()
  return elapsedMs()
}

async function listeners(): Promise<number> {
  const [row] = await auth.sql<[{ open: number }]>`
    select count(*)::int as open
    from pg_stat_activity
    where datname = current_database() and application_name = 'auth-revocations'`
  return row.open
}

test('a logout is known to another process within a moment, every time', async () => {
  for (let round = 0; round < 20; round += 1) {
    const token = await aKnownToken()
    expect((await signOut(token)).status).toBe(204)
    expect(await msUntilRefusedElsewhere(token)).toBeLessThan(knownMsMax)
  }
})

test('a logout is known to a process whose listener is cut off at that moment', async () => {
  for (let round = 0; round < 5; round += 1) {
    await expect.poll(listeners, { interval: 5 }).toBe(2)
    const [token, active] = [await aKnownToken(), await aKnownToken()]
    await auth.cutListeners()
    expect((await signOut(token)).status).toBe(204)
    expect(await msUntilRefusedElsewhere(token)).toBeLessThan(knownMsMax)
    expect(await verifyElsewhere(active)).toBe(204)
  }
})

test('while notifications are lost the database is asked, and afterwards memory knows', async () => {
  let isAway = false
  const openSession: Sql['openSession'] = async (events) => {
    if (isAway) throw new Error('No connection.')
    return auth.sql.openSession({ ...events, purpose: 'alone' })
  }
  const sql = Object.assign(auth.sql.bind(null), auth.sql, { openSession }) as Sql
  await using revocations = await postgresRevocations({ sql, log, now: Date.now })
  const ended = await aSession()
  const active = await aSession()
  expect(revocations.isSurelyAlive(ended.sessionId)).toBe(true)

  isAway = true
  await auth.sql`
    select pg_terminate_backend(pid)
    from pg_stat_activity
    where datname = current_database() and application_name = 'ego-alone'`
  await expect.poll(() => revocations.isSurelyAlive(ended.sessionId)).toBe(false)
  expect(await revocations.isRevoked(ended.sessionId)).toBe(false)
  await signOut(ended.token)
  expect(await revocations.isRevoked(ended.sessionId)).toBe(true)
  expect(await revocations.isRevoked(active.sessionId)).toBe(false)

  isAway = false
  await expect.poll(() => revocations.isSurelyAlive(active.sessionId)).toBe(true)
  expect(revocations.isSurelyAlive(ended.sessionId)).toBe(false)
})

async function aSession() {
  const { token } = await aMember(auth)
  const headers = { authorization: `Bearer ${token}` }
  const verified = await auth.request('/auth/verify', { headers })
  return { token, sessionId: String(verified.headers.get('x-session-id')) }
}
