import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { measureLatency } from './latency.ts'
import type { Platform } from './platform.ts'
import { openPostsDatabase } from './posts-database.ts'
import { firstWriter } from './seed.ts'
import type { Row } from './table.ts'

const p99MsMax = 50
const requests = 2_000
const clients = 4
const followed = 500

export async function feedScenario(platform: Platform): Promise<Row[]> {
  await using sql = await openPostsDatabase(platform)
  const { userId, token } = await register(platform.url)
  await sql`
    insert into follow (follower_id, followed_id)
    select ${userId}, user_id
    from (
      select user_id
      from author
      where user_id >= ${firstWriter}
      order by md5(user_id::text)
      limit ${followed}
    ) as chosen`
  const headers = { authorization: `Bearer ${token}` }
  const paths = Array<string>(requests).fill('/posts/feed')
  await measureLatency({ url: platform.url, headers, paths: paths.slice(0, 200), clients })
  const { p50, p99, max, count } = await measureLatency({
    url: platform.url,
    headers,
    paths,
    clients,
  })
  return [
    {
      scenario: `feed, ${followed} followed`,
      target: `p99 ≤ ${p99MsMax} ms`,
      measured: `p99 ${p99.toFixed(1)} ms`,
      isReached: p99 <= p99MsMax,
      note: `p50 ${p50.toFixed(1)}, max ${max.toFixed(1)}, ${count} requests, ${clients} at once`,
    },
  ]
}

const registered = z.object({ user_id: z.int(), access_token: z.string() })

async function register(url: string) {
  const name = `bench${randomBytes(6).toString('hex')}`
  const response = await fetch(`${url}/auth/registration`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      username: name,
      password: randomBytes(12).toString('hex'),
      user_email: `${name}@example.com`,
    }),
  })
  const { user_id, access_token } = registered.parse(await response.json())
  return { userId: user_id, token: access_token }
}
