import type { Bus } from '@ego/kit/bus'
import { assertionCallers } from '@ego/kit/caller'
import { startConsumer } from '@ego/kit/inbox'
import type { Log } from '@ego/kit/log'
import { createMetrics } from '@ego/kit/metrics'
import { checkPostgres, openDatabase } from '@ego/kit/open-database'
import { startRelay } from '@ego/kit/relay'
import { type Fetch, remoteKeys } from '@ego/kit/remote-keys'
import { ownedService, type Service } from '@ego/kit/service'
import { postsApp } from './app.ts'
import { authorEvents } from './author/consumer-postgres.ts'
import type { Config } from './config.ts'
import { postgresPosts } from './post/store-postgres.ts'
import { createPost } from './post/use-cases.ts'
import { postgresIndex } from './search/index-postgres.ts'
import { searchPosts } from './search/use-cases.ts'

export type Given = { log: Log; bus: Bus; fetch: Fetch; now?: () => number }

export async function wirePosts(config: Config, given: Given): Promise<Service> {
  const { log, bus, fetch, now = Date.now } = given
  await using building = new AsyncDisposableStack()
  const migrations = new URL('../migrations/', import.meta.url)
  const sql = building.use(await openDatabase({ service: 'posts', config, migrations }))

  const app = postsApp({
    log,
    metrics: createMetrics('posts'),
    callers: assertionCallers({
      keys: remoteKeys(config.AUTH_JWKS_URL, fetch),
      issuer: config.ISSUER,
      now,
    }),
    checks: { postgres: checkPostgres(sql) },
    createPost: createPost({ posts: postgresPosts(sql) }),
    searchPosts: searchPosts({ index: postgresIndex(sql) }),
  })
  building.use(await startConsumer({ sql, bus, log, consumer: 'posts', on: authorEvents }))
  return ownedService(app, building.move(), () => startRelay({ sql, bus, log }))
}
