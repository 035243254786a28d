import type { Sql } from '@ego/kit/postgres'
import { type Latencies, measureLatency } from './latency.ts'
import type { Platform } from './platform.ts'
import { openPostsDatabase } from './posts-database.ts'
import { hitsMax, rareWords } from './rare-words.ts'
import type { Row } from './table.ts'

const p99MsMax = 50
const requests = 2_000
const clients = 4

export async function searchScenario(platform: Platform): Promise<Row[]> {
  await using sql = await openPostsDatabase(platform)
  const words = await rareWords(countHits(sql))
  const rows: Row[] = []
  for (const sort of ['relevance', 'newest']) {
    const paths = Array.from(
      { length: requests },
      (_, n) => `/posts/search?q=${words[n % words.length]}&sort=${sort}`,
    )
    await measureLatency({ url: platform.url, paths: paths.slice(0, 200), clients })
    rows.push(toRow(sort, await measureLatency({ url: platform.url, paths, clients })))
  }
  return rows
}

function countHits(sql: Sql) {
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

function toRow(sort: string, { p50, p99, max, count }: Latencies): Row {
  return {
    scenario: `search, ${sort}`,
    target: `p99 ≤ ${p99MsMax} ms`,
    measured: `p99 ${p99.toFixed(1)} ms`,
    isReached: p99 <= p99MsMax,
    note: `p50 ${p50.toFixed(1)}, max ${max.toFixed(1)}, ${count} requests, ${clients} at once`,
  }
}
