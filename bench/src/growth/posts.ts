import type { Tx } from '@ego/kit/postgres/postgres'
import { registerMembers } from '../data/members.ts'
import { followWriters } from '../data/posts-database.ts'
import { rareWords } from '../data/rare-words.ts'
import { measureLatency } from '../load/latency.ts'
import { startPlatform } from '../platform/platform.ts'
import { makeScratch } from '../platform/scratch.ts'
import { countHits } from '../scenarios/search.ts'
import { type Given, measureSizes, samplesOf } from './measure.ts'
import { growPosts } from './posts-seed.ts'
import { openSeeding, settle } from './seeding.ts'
import type { Series } from './series.ts'

const followed = 500
/**
 * About as many hits at each size: with more of them a search costs more, however many posts there are. At a million, each
 * text is there a hundred times, and so is a word of only one of them.
 */
const hits = { min: 80, max: 120 }
const words = 20

/** Search and feed, while there are more and more posts of more and more people. */
export async function growthOfPosts(given: Given): Promise<Series[]> {
  await using scratch = await makeScratch(given.folder)
  await using platform = await startPlatform(scratch.path)
  await using seeding = await openSeeding(platform.folder, 'posts')
  const { sql } = seeding
  const [member] = await registerMembers(platform.url, 1)
  const headers = { authorization: `Bearer ${member?.accessToken}` }
  const samples = samplesOf(given.plan)
  const medianOf = async (paths: readonly string[]) => {
    const asks = Array.from({ length: samples }, (_, n) => ({
      path: paths[n % paths.length] ?? '/',
      headers,
    }))
    await measureLatency({ url: platform.url, asks: asks.slice(0, samples / 4), clients: 1 })
    return (await measureLatency({ url: platform.url, asks, clients: 1 })).p50
  }
  return await measureSizes(given, { of: 'posts', unit: 'ms' }, async (size) => {
    await growPosts({ folder: platform.folder, sql }, size)
    await followSome(sql, member?.userId ?? 0)
    await settle(sql)
    const rare = await rareWords(countHits(sql), words, hits)
    const found = (sort: string) => rare.map((word) => `/posts/search?q=${word}&sort=${sort}`)
    return {
      'search by relevance': await medianOf(found('relevance')),
      'search, newest first': await medianOf(found('newest')),
      'home feed': await medianOf(['/posts/feed']),
    }
  })
}

/** Of those who are there now: at the smallest size too, so many have written. */
async function followSome(sql: Tx, followerId: number): Promise<void> {
  await sql`
    delete from follow
    where follower_id = ${followerId}`
  await followWriters(sql, followerId, followed)
}
