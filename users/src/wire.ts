import { setTimeout } from 'node:timers/promises'
import { createLimiter } from '@ego/kit/async/limiter'
import type { Blobs } from '@ego/kit/blobs/blobs'
import { fileBlobs } from '@ego/kit/blobs/blobs-files'
import { s3Blobs } from '@ego/kit/blobs/blobs-s3'
import type { Bus } from '@ego/kit/events/bus'
import { measureEvents } from '@ego/kit/events/event-metrics'
import { startConsumer } from '@ego/kit/events/inbox'
import { openBus } from '@ego/kit/events/open-bus'
import { startRelay } from '@ego/kit/events/relay'
import { assertionCallers } from '@ego/kit/http/identity/caller'
import { type Fetch, remoteKeys } from '@ego/kit/http/identity/remote-keys'
import { ownedService, type Service } from '@ego/kit/http/service'
import { openKeyValue } from '@ego/kit/key-value/open-key-value'
import { checkPostgres, openDatabase } from '@ego/kit/postgres/open-database'
import type { Log } from '@ego/kit/process/log'
import { createMetrics } from '@ego/kit/process/metrics'
import { postgresAccounts } from './account/store-postgres.ts'
import { accountEvents } from './account-events/handlers-postgres.ts'
import { usersApp } from './app.ts'
import { sharpImages } from './avatar/images-sharp.ts'
import { avatarObjects } from './avatar/objects.ts'
import { postgresAvatars } from './avatar/store-postgres.ts'
import { startSweeps } from './avatar/sweep.ts'
import { blobTarget, type Config } from './config.ts'
import { postgresFollows } from './follow/store-postgres.ts'
import { createProfileCache } from './profile/cache.ts'
import { postgresProfiles } from './profile/store-postgres.ts'
import { postgresPeople } from './search/store-postgres.ts'

export type Given = {
  log: Log
  /** Without one, the one of the configuration. */
  bus?: Bus
  fetch: Fetch
  now?: () => number
  sleep?: (ms: number) => Promise<unknown>
}

/** Decoding is bound by the cores and by memory: an image may take 200 MB for a moment. */
const imagesAtOnce = {
  runningMax: 2,
  waitingMax: 32,
  waitMsMax: 10_000,
  busyText: 'Too many avatars are being set at the moment.',
}

/** A cache that is slower than the database is of no use. */
const cacheTimeoutMs = 500

/** A few of the connections to the database. */
const searchesAtOnce = {
  runningMax: 4,
  waitingMax: 64,
  waitMsMax: 3_000,
  busyText: 'Too many people are being searched for at the moment.',
}

export async function wireUsers(config: Config, given: Given): Promise<Service> {
  const { log, fetch, now = Date.now, sleep = setTimeout } = given
  await using building = new AsyncDisposableStack()
  const bus = given.bus ?? (await openBus({ config, log, resources: building }))
  const migrations = new URL('../migrations/', import.meta.url)
  const sql = building.use(await openDatabase({ service: 'users', config, migrations }))
  const blobs = await openBlobs(config, building)

  const profiles = postgresProfiles(sql)
  const { keyValue, checks } = await openKeyValue({
    service: 'users',
    config,
    log,
    resources: building,
    timeoutMs: cacheTimeoutMs,
  })
  const cache = building.use(createProfileCache({ profiles, keyValue, log }))
  const avatars = postgresAvatars(sql)
  const objects = avatarObjects({ avatars, blobs, log })
  const metrics = createMetrics('users')
  measureEvents(metrics, sql, 'users')
  const app = usersApp({
    log,
    metrics,
    callers: assertionCallers({
      keys: remoteKeys(config.AUTH_JWKS_URL, fetch),
      issuer: config.ISSUER,
      now,
    }),
    checks: {
      required: { postgres: checkPostgres(sql) },
      optional: {
        // There is no such object: the check is only that the store answers.
        blobs: async () => void (await blobs.get('readiness')),
        events: bus.check,
        ...checks,
      },
    },
    now,
    sleep,
    accounts: postgresAccounts(sql),
    profiles,
    cache,
    follows: postgresFollows(sql),
    people: postgresPeople(sql),
    searchLimiter: createLimiter(searchesAtOnce),
    avatars,
    blobs,
    images: sharpImages({ log }),
    imageLimiter: createLimiter(imagesAtOnce),
    objects,
  })
  const on = accountEvents({ sql, cache, objects })
  building.use(await startConsumer({ sql, bus, log, consumer: 'users', on }))
  return ownedService({ app, metrics }, building.move(), () => {
    const workers = new AsyncDisposableStack()
    workers.use(startRelay({ sql, bus, log }))
    workers.use(startSweeps({ avatars, objects, blobs, log, now }))
    return workers
  })
}

async function openBlobs(config: Config, resources: AsyncDisposableStack): Promise<Blobs> {
  const target = blobTarget(config)
  return 'folder' in target ? fileBlobs(target.folder) : resources.use(await s3Blobs(target.s3))
}
