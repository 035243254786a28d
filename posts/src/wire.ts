import { setTimeout } from 'node:timers/promises'
import { createLimiter } from '@ego/kit/async/limiter'
import type { Bus } from '@ego/kit/events/bus'
import { measureEvents } from '@ego/kit/events/event-metrics'
import { startConsumer } from '@ego/kit/events/inbox'
import { openBus } from '@ego/kit/events/open-bus'
import { startRelay } from '@ego/kit/events/relay'
import { assertionCallers } from '@ego/kit/http/identity/caller'
import { type Fetch, remoteKeys } from '@ego/kit/http/identity/remote-keys'
import { ownedService, type Service } from '@ego/kit/http/service'
import { checkPostgres, openDatabase } from '@ego/kit/postgres/open-database'
import { connectPostgres, type Sql } from '@ego/kit/postgres/postgres'
import type { Log } from '@ego/kit/process/log'
import { createMetrics, type Metrics } from '@ego/kit/process/metrics'
import { postsApp } from './app.ts'
import { authorEvents } from './author/on-profile.ts'
import type { Config, IndexConfig } from './config.ts'
import { followEvents } from './feed/on-follow.ts'
import { postgresFeed } from './feed/store-postgres.ts'
import { readFeed } from './feed/use-cases.ts'
import { postgresPosts } from './post/store-postgres.ts'
import {
  createPost,
  createPostOnce,
  deletePost,
  editPost,
  listPosts,
  readPost,
} from './post/use-cases.ts'
import { startProjector } from './search/project.ts'
import type { SearchIndex } from './search/search-index.ts'
import { elasticsearchIndex } from './search/search-index-elasticsearch.ts'
import { indexSettings, postgresIndex } from './search/search-index-postgres.ts'
import type { SearchSource } from './search/source.ts'
import { postgresSource } from './search/source-postgres.ts'
import { searchPosts } from './search/use-cases.ts'

export type Given = {
  log: Log
  /** Without one, the one of the configuration. */
  bus?: Bus
  fetch: Fetch
  now?: () => number
  sleep?: (ms: number) => Promise<unknown>
  /** How often the index is brought up to date without being told to. */
  pollMs?: number | undefined
}

/** The index has connections of its own; the projector needs some of them. */
const searchesAtOnce = {
  runningMax: 6,
  waitingMax: 64,
  waitMsMax: 3_000,
  busyText: 'Too many posts are being searched for at the moment.',
}

export async function wirePosts(config: Config, given: Given): Promise<Service> {
  const { log, fetch, now = Date.now, sleep = setTimeout } = given
  await using building = new AsyncDisposableStack()
  const bus = given.bus ?? (await openBus({ config, log, resources: building }))
  const migrations = new URL('../migrations/', import.meta.url)
  const sql = building.use(await openDatabase({ service: 'posts', config, migrations }))

  const posts = postgresPosts(sql)
  const source = postgresSource(sql)
  const index = await openIndex(config, config.DATABASE_URL, building)
  const projector = building.use(startProjector({ source, index, log, pollMs: given.pollMs }))
  const { wake } = projector
  const optional = { events: bus.check, search: index.check }
  const metrics = metricsOf(sql, source)
  const app = postsApp({
    log,
    metrics,
    callers: assertionCallers({
      keys: remoteKeys(config.AUTH_JWKS_URL, fetch),
      issuer: config.ISSUER,
      now,
    }),
    checks: { required: { postgres: checkPostgres(sql) }, optional },
    createPost: createPost({ posts, wake }),
    readPost: readPost({ posts }),
    listPosts: listPosts({ posts }),
    editPost: editPost({ posts, wake }),
    deletePost: deletePost({ posts, wake }),
    createPostOnce: createPostOnce({ posts, wake }),
    readFeed: readFeed({ feed: postgresFeed(sql) }),
    searchPosts: searchPosts({
      index,
      source,
      posts,
      bring: projector.bring,
      limiter: createLimiter(searchesAtOnce),
      sleep,
    }),
  })
  const on = [...authorEvents({ sql, wake }), ...followEvents]
  building.use(await startConsumer({ sql, bus, log, consumer: 'posts', on }))
  return ownedService({ app, metrics }, building.move(), () => startRelay({ sql, bus, log }))
}

function metricsOf(sql: Sql, source: SearchSource): Metrics {
  const metrics = createMetrics('posts')
  measureEvents(metrics, sql, 'posts')
  metrics.gauge(
    'search_stale_posts',
    'Posts that the search index has not caught up with, counted up to 10,000.',
    source.countStale,
  )
  return metrics
}

/** Also for the commands, which work on the index that the service uses. */
export async function openIndex(
  config: IndexConfig,
  databaseUrl: string,
  resources: AsyncDisposableStack,
): Promise<SearchIndex> {
  if (!config.ELASTICSEARCH_URL) {
    const options = { url: databaseUrl, applicationName: 'posts-search', settings: indexSettings }
    return postgresIndex(resources.use(connectPostgres(options)))
  }
  return resources.use(
    await elasticsearchIndex({
      url: config.ELASTICSEARCH_URL,
      prefix: config.ELASTICSEARCH_PREFIX,
      replicas: config.ELASTICSEARCH_REPLICAS,
      ...(config.ELASTICSEARCH_API_KEY && { apiKey: config.ELASTICSEARCH_API_KEY }),
    }),
  )
}
