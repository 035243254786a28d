import type { Tx } from '@ego/kit/postgres/postgres'
import { registerMembers } from '../data/members.ts'
import { measureLatency } from '../load/latency.ts'
import { startPlatform } from '../platform/platform.ts'
import { makeScratch } from '../platform/scratch.ts'
import { type Given, measureSizes, samplesOf } from './measure.ts'
import { firstSeeded, openSeeding, settle } from './seeding.ts'
import type { Series } from './series.ts'

const batch = 10_000

/** The list of a member's followers, and following that member, while more and more do. */
export async function growthOfFollowers(given: Given): Promise<Series[]> {
  await using scratch = await makeScratch(given.folder)
  await using platform = await startPlatform(scratch.path)
  await using seeding = await openSeeding(platform.folder, 'users')
  const { sql } = seeding
  const [followed, fan] = await registerMembers(platform.url, 2)
  const userId = followed?.userId ?? 0
  const headers = { authorization: `Bearer ${fan?.accessToken}` }
  const samples = samplesOf(given.plan)
  const p50Of = async (methods: readonly string[], path: string) => {
    const asks = Array.from({ length: samples }, (_, n) => ({
      method: methods[n % methods.length] ?? 'GET',
      path,
      headers,
    }))
    await measureLatency({ url: platform.url, asks: asks.slice(0, samples / 4), clients: 1 })
    return (await measureLatency({ url: platform.url, asks, clients: 1 })).p50
  }
  return await measureSizes(given, { of: 'followers', unit: 'ms' }, async (size) => {
    await growFollowers(sql, userId, size)
    await settle(sql)
    return {
      'page of followers': await p50Of(['GET'], `/users/${userId}/followers`),
      'follow and unfollow': await p50Of(['PUT', 'DELETE'], `/users/me/following/${userId}`),
    }
  })
}

async function growFollowers(sql: Tx, userId: number, size: number): Promise<void> {
  const [row] = await sql<[{ held: number }]>`
    select count(*)::int as held
    from follow
    where followed_id = ${userId} and follower_id >= ${firstSeeded}`
  for (let from = row.held; from < size; from += batch) {
    await addFollowers(sql, userId, from, Math.min(from + batch, size))
  }
  await sql`
    update profile
    set followers = ${size}
    where user_id = ${userId}`
}

async function addFollowers(sql: Tx, userId: number, from: number, to: number): Promise<void> {
  const [first, last] = [firstSeeded + from, firstSeeded + to - 1]
  await sql`
    insert into account (user_id, username)
    select n, 'fan' || n
    from generate_series(${first}::bigint, ${last}::bigint) as n`
  await sql`
    insert into profile (user_id, username, first_name, last_name, gender, birthday, following)
    select n, 'fan' || n, 'First ' || n, 'Last ' || n, 'other', '1990-01-02', 1
    from generate_series(${first}::bigint, ${last}::bigint) as n`
  await sql`
    insert into follow (follower_id, followed_id)
    select n, ${userId}
    from generate_series(${first}::bigint, ${last}::bigint) as n`
}
