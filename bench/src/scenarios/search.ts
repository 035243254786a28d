import type { Tx } from '@ego/kit/postgres/postgres'
import { countPosts, openPostsDatabase } from '../data/posts-database.ts'
import { hitsMax, rareWords } from '../data/rare-words.ts'
import { measureLatency } from '../load/latency.ts'
import { amountOf } from '../measure/rounds.ts'
import { latencyRow } from '../report/latency-row.ts'
import type { Row } from '../report/table.ts'
import type { Bench } from './bench.ts'

const requests = { usual: 2_000, quick: 100 }
/** A plan that is chosen after some runs, and pages that are in memory, are what users meet. */
const warmUp = { usual: 200, quick: 20 }
const words = { usual: 200, quick: 20 }
const clients = 4

export async function searchScenario(bench: Bench): Promise<Row[]> {
  const platform = await bench.seeded()
  await using sql = await openPostsDatabase(platform)
  const rare = await rareWords(countHits(sql), amountOf(bench.plan, words))
  const posts = await countPosts(sql)
  const rows: Row[] = []
  for (const sort of ['relevance', 'newest']) {
    const asks = Array.from({ length: amountOf(bench.plan, requests) }, (_, n) => ({
      path: `/posts/search?q=${rare[n % rare.length]}&sort=${sort}`,
    }))
    await measureLatency({
      url: platform.url,
      asks: asks.slice(0, amountOf(bench.plan, warmUp)),
      clients,
    })
    const latencies = await measureLatency({ url: platform.url, asks, clients })
    rows.push(latencyRow(`search, ${sort}`, latencies, `${posts} posts, ${clients} at once`))
  }
  return rows
}

export function countHits(sql: Tx) {
  return async (word: string): Promise<number> => {
    const [row] = await sql<[{ hits: number }]>`
      select count(*)::int as hits
      from (
        select 1
        from search_document
        where words @@ ${`'${word}'`}::tsquery
        limit ${hitsMax + 1}
      ) as hit`
    return row.hits
  }
}
