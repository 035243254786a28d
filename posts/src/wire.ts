import { setTimeout } from 'node:timers/promises'
import { createLimiter } from '@ego/kit/async/limiter'
import type { Bus } from '@ego/kit/events/bus'
import { measureEvents } from '@ego/kit/events/event-metrics'
import { type Handler, startConsumer } from '@ego/kit/events/inbox'
import { openBus } from '@ego/kit/events/open-bus'
import { startRelay } from '@ego/kit/events/relay'
import { assertionCallers } from '@ego/kit/http/identity/caller'
import { type Fetch, remoteKeys } from '@ego/kit/http/identity/remote-keys'
import { ownedService, type Service } from '@ego/kit/http/service'
import { checkPostgres, openDatabase } from '@ego/kit/postgres/open-database'
import { connectPostgres, type Sql } from '@ego/kit/postgres/postgres'
import type { Log } from '@ego/kit/process/log'
import { createMetrics } from '@ego/kit/process/metrics'
import { onDeleted } from './account/on-deleted.ts'
import { onDisabled } from './account/on-disabled.ts'
import { postsApp } from './app.ts'
import { onProfile } from './author/on-profile.ts'
import { onUsername } from './author/on-username.ts'
import type { Config, IndexConfig } from './config.ts'
import { onFollow } from './feed/on-follow.ts'
import { postgresFeed } from './feed/store-postgres.ts'
import { postgresNewPosts } from './post/create-postgres.ts'
import { postgresPosts } from './post/store-postgres.ts'
import { startProjector } from './search/project.ts'
import type { SearchIndex } from './search/search-index.ts'
import { elasticsearchIndex } from './search/search-index-elasticsearch.ts'
import { indexSettings, postgresIndex } from './search/search-index-postgres.ts'
import { postgresSource } from './search/source-postgres.ts'

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

  const source = postgresSource(sql)
  const index = await openIndex(config, config.DATABASE_URL, building)
  const projector = building.use(startProjector({ source, index, log, pollMs: given.pollMs }))
  const wakeIndex = projector.wake
  const metrics = createMetrics('posts')
  measureEvents(metrics, sql, 'posts')
  metrics.gauge(
    'search_stale_posts',
    'Posts that the search index has not caught up with, counted up to 10,000.',
    source.countStale,
  )
  const keys = remoteKeys(config.AUTH_JWKS_URL, fetch)
  const app = postsApp({
    log,
    metrics,
    callers: assertionCallers({ keys, issuer: config.ISSUER, now }),
    checks: {
      required: { postgres: checkPostgres(sql) },
      optional: { events: bus.check, search: index.check },
    },
    newPosts: postgresNewPosts(sql),
    posts: postgresPosts(sql),
    feed: postgresFeed(sql),
    index,
    source,
    wakeIndex,
    prioritize: projector.prioritize,
    limiter: createLimiter(searchesAtOnce),
    sleep,
  })
  const on = consumedEvents({ sql, wakeIndex })
  building.use(await startConsumer({ sql, bus, log, consumer: 'posts', on }))
  return ownedService({ app, metrics }, building.move(), () => startRelay({ sql, bus, log }))
}

/** Also for the commands, which replay events that failed. */
export function consumedEvents(deps: { sql: Sql; wakeIndex: () => void }): Handler[] {
  return [...onUsername, ...onProfile, ...onFollow, ...onDisabled(deps), ...onDeleted(deps)]
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
