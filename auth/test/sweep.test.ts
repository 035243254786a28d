import { createLog } from '@ego/kit/process/log'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postgresSweep } from '../src/sweep/store-postgres.ts'
import { startSweep, sweep } from '../src/sweep/sweep.ts'
import { aRegistration, startAuth, type TestAuth } from './start-auth.ts'

const retiredMsKept = 20 * 60_000

let auth: TestAuth
let userId = 0

beforeAll(async () => {
  auth = await startAuth()
  const body = await (await auth.post('/auth/registration', aRegistration())).json()
  userId = Object(body).user_id
})
afterAll(() => auth[Symbol.asyncDispose]())

beforeEach(async () => {
  await auth.sql`delete from session`
  await auth.sql`delete from mail_token`
  await auth.sql`delete from revocation`
  await auth.sql`delete from signing_key where status = 'retired'`
})

const store = () => postgresSweep({ sql: auth.sql, retiredMsKept })
const runSweep = (rowsMax = 1_000) => sweep({ store: store(), rowsMax, restMs: 0 })

const nothing = { sessions: 0, 'mail tokens': 0, revocations: 0, 'signing keys': 0 }

/** As many sessions as wanted, of that age and silent for that long. */
async function sessions(count: number, age: string, silence: string): Promise<string[]> {
  const rows = await auth.sql<{ session_id: string }[]>`
    insert into session (user_id, secret, device, ip, created_at, last_used_at)
    select ${userId}, 'secret', 'device', 'ip', now() - ${age}::interval, now() - ${silence}::interval
    from generate_series(1, ${count}::int)
    returning session_id`
  return rows.map((row) => row.session_id)
}

async function leftOf(table: 'session' | 'mail_token' | 'revocation'): Promise<number> {
  const [row] = await auth.sql.script<[{ left: number }]>(
    `select count(*)::int as left from ${table}`,
  )
  return row.left
}

describe('a sweep', () => {
  test('of a database without anything that is over deletes nothing', async () => {
    await sessions(3, '1 day', '1 hour')
    expect(await runSweep()).toEqual(nothing)
    expect(await leftOf('session')).toBe(3)
  })

  test('deletes sessions after 30 days of silence or 90 days in all, not earlier', async () => {
    const alive = [
      ...(await sessions(1, '30 days', '29 days 23 hours')),
      ...(await sessions(1, '89 days 23 hours', '1 minute')),
      // An access token of its last moment may still be alive.
      ...(await sessions(1, '90 days 30 minutes', '30 minutes')),
    ]
    await sessions(1, '31 days', '30 days 2 hours')
    await sessions(1, '90 days 2 hours', '2 hours')
    expect(await runSweep()).toEqual({ ...nothing, sessions: 2 })
    const rows = await auth.sql<{ session_id: string }[]>`select session_id from session`
    expect(rows.map((row) => row.session_id).sort()).toEqual(alive.sort())
  })

  test('finds everything in small steps, wherever it lies among what is alive', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      await sessions(7, '1 day', '1 day')
      await sessions(13, '40 days', '40 days')
    }
    expect(await runSweep(10)).toEqual({ ...nothing, sessions: 65 })
    expect(await leftOf('session')).toBe(35)
  })

  test('deletes mail tokens and revocations that have expired', async () => {
    for (const until of ['1 hour', '-1 minute', '-2 days']) {
      await auth.sql`
        insert into mail_token (token_hash, user_id, purpose, user_email, expires_at)
        select uuid_send(uuidv7()), ${userId}, 'password_reset', 'a@b.c', now() + ${until}::interval
        from generate_series(1, 12)`
      await auth.sql`
        insert into revocation (session_id, expires_at)
        select uuidv7(), now() + ${until}::interval
        from generate_series(1, 12)`
    }
    expect(await runSweep(5)).toEqual({ ...nothing, 'mail tokens': 24, revocations: 24 })
    expect([await leftOf('mail_token'), await leftOf('revocation')]).toEqual([12, 12])
  })

  test('deletes retired keys once the last token of theirs has expired', async () => {
    for (const since of ['19 minutes', '21 minutes']) {
      await auth.sql`
        insert into signing_key (key_id, status, public_jwk, private_sealed, retired_at)
        values (${since}, 'retired', '{}', 'sealed', now() - ${since}::interval)`
    }
    expect(await runSweep()).toEqual({ ...nothing, 'signing keys': 1 })
    const rows = await auth.sql`
      select status, key_id = '19 minutes' as kept
      from signing_key
      order by status`
    expect(rows).toEqual([
      { status: 'current', kept: false },
      { status: 'next', kept: false },
      { status: 'retired', kept: true },
    ])
  })

  test('leaves a locked row, without waiting', async () => {
    const [busy] = await sessions(2, '40 days', '40 days')
    await auth.sql.begin(async (tx) => {
      await tx`select 1 from session where session_id = ${busy} for update`
      expect(await runSweep()).toEqual({ ...nothing, sessions: 1 })
    })
    expect(await runSweep()).toEqual({ ...nothing, sessions: 1 })
  })

  test('is left alone while another process is at it', async () => {
    await sessions(1, '40 days', '40 days')
    const isOurs = await store().alone(async () => {
      expect(await runSweep()).toBeNull()
    })
    expect(isOurs).toBe(true)
    expect(await runSweep()).toEqual({ ...nothing, sessions: 1 })
  })

  test('that fails lets the next one run', async () => {
    const broken = store().alone(() => Promise.reject(new Error('broken')))
    await expect(broken).rejects.toThrow('broken')
    expect(await runSweep()).toEqual(nothing)
  })
})

test('sweeps follow each other, and go on after one has failed', async () => {
  let failures = 1
  const failing = async (signal: AbortSignal) => {
    failures -= 1
    if (failures >= 0) throw new Error('broken')
    return sweep({ store: store(), signal })
  }
  const log = createLog('auth', 'silent')
  await using _ = startSweep({ sweep: failing, log, firstAfterMs: 1, everyMs: 5 })
  for (let turn = 0; turn < 2; turn += 1) {
    await sessions(5, '40 days', '40 days')
    await expect.poll(() => leftOf('session')).toBe(0)
  }
})
