import { registerMembers } from '../data/members.ts'
import { countPosts, followWriters, openPostsDatabase } from '../data/posts-database.ts'
import { measureLatency } from '../load/latency.ts'
import { amountOf } from '../measure/rounds.ts'
import { latencyRow } from '../report/latency-row.ts'
import type { Row } from '../report/table.ts'
import type { Bench } from './bench.ts'

const requests = { usual: 2_000, quick: 100 }
const warmUp = { usual: 200, quick: 20 }
const clients = 4
const followed = 500

export async function feedScenario(bench: Bench): Promise<Row[]> {
  const { url, folder } = await bench.seeded()
  await using sql = await openPostsDatabase({ folder })
  const [member] = await registerMembers(url, 1)
  await followWriters(sql, member?.userId ?? 0, followed)
  const headers = { authorization: `Bearer ${member?.accessToken}` }
  const ask = { path: '/posts/feed', headers }
  const asks = Array.from({ length: amountOf(bench.plan, requests) }, () => ask)
  await measureLatency({ url, asks: asks.slice(0, amountOf(bench.plan, warmUp)), clients })
  const latencies = await measureLatency({ url, asks, clients })
  const note = `${await countPosts(sql)} posts, ${clients} at once`
  return [latencyRow(`feed, ${followed} followed`, latencies, note)]
}
