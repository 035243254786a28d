import type { Tx } from '@ego/kit/postgres/postgres'
import { z } from 'zod'
import { type Member, registerMembers, signIn } from '../data/members.ts'
import { measureLatency } from '../load/latency.ts'
import { startAuth } from '../platform/auth-alone.ts'
import { startPlatform } from '../platform/platform.ts'
import { makeScratch } from '../platform/scratch.ts'
import { type Given, measureSizes, samplesOf } from './measure.ts'
import { openSeeding, settle } from './seeding.ts'
import type { Series } from './series.ts'

/** As many as an account may have. */
const sessionsPerAccount = 50
const batch = 50_000
/** Hashing as cheap as it is allowed: it costs the same for any number of sessions, and would hide what does not. */
const cheapHashing = { ARGON2_MEMORY_KIB: '8192', ARGON2_PASSES: '1' }
const tokens = z.object({ access_token: z.string(), refresh_token: z.string() })

/** What looks at sessions, while there are more and more. */
export async function growthOfSessions(given: Given): Promise<Series[]> {
  await using scratch = await makeScratch(given.folder)
  await using platform = await startPlatform(scratch.path, cheapHashing)
  await using auth = await startAuth(platform)
  await using seeding = await openSeeding(platform.folder, 'auth')
  const { url } = platform
  const { sql } = seeding
  const [member] = await registerMembers(url, 1)
  if (!member) return []
  const samples = samplesOf(given.plan)
  // From here on each login ends another session.
  for (let n = 0; n < sessionsPerAccount; n += 1) await signIn(url, member)
  return await measureSizes(given, { of: 'sessions', unit: 'ms' }, async (size) => {
    await growSessions(sql, member, size)
    await settle(sql)
    const refresh = await measureRefresh(url, member, samples)
    const asks = refresh.accessTokens.map((token) => ({
      path: '/auth/verify',
      headers: { authorization: `Bearer ${token}` },
    }))
    const verify = await measureLatency({ url: auth.url, asks, clients: 1 })
    return {
      'verify, a token not seen before': verify.p50,
      refresh: refresh.p50,
      'login at the session limit': (await measureLogin(url, member, samples)).p50,
    }
  })
}

/** One session is refreshed again and again, and gives a new access token each time. */
async function measureRefresh(url: string, member: Member, samples: number) {
  const accessTokens: string[] = []
  let { refreshToken } = await signIn(url, member)
  const asks = function* () {
    for (let n = 0; n < samples; n += 1) {
      yield { method: 'POST', path: '/auth/refresh', body: { refresh_token: refreshToken } }
    }
  }
  const onAnswer = (body: string) => {
    const answer = tokens.parse(JSON.parse(body))
    refreshToken = answer.refresh_token
    accessTokens.push(answer.access_token)
  }
  const { p50 } = await measureLatency({ url, asks: asks(), clients: 1, onAnswer })
  return { p50, accessTokens }
}

function measureLogin(url: string, { username, password }: Member, samples: number) {
  const ask = { method: 'POST', path: '/auth/login', body: { username, password } }
  const asks = Array.from({ length: samples / 4 }, () => ask)
  return measureLatency({ url, asks, clients: 1 })
}

async function growSessions(sql: Tx, { userId }: Member, size: number): Promise<void> {
  const [row] = await sql<[{ held: number }]>`
    select count(*)::int as held
    from session
    where user_id <> ${userId}`
  for (let held = row.held; held < size; held += batch) {
    await addSessions(sql, userId, Math.min(batch, size - held))
  }
}

async function addSessions(sql: Tx, userId: number, count: number): Promise<void> {
  await sql`
    with owner as (
      insert into account (username, user_email, password_hash)
      select 'owner' || id, 'owner' || id || '@example.com', password_hash
      from account
      cross join lateral (
        select gen_random_uuid() as id
        from generate_series(1, ceil(${count}::float8 / ${sessionsPerAccount})::int)
      ) as made
      where user_id = ${userId}
      returning user_id
    )
    insert into session (user_id, secret, device, ip)
    select owner.user_id, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'bench', '127.0.0.1'
    from owner
    cross join generate_series(1, ${sessionsPerAccount})
    limit ${count}`
}
