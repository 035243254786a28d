import { setTimeout } from 'node:timers/promises'
import type { Bus } from '@ego/kit/bus'
import { assertionCallers } from '@ego/kit/caller'
import { startConsumer } from '@ego/kit/inbox'
import type { Log } from '@ego/kit/log'
import { createMetrics } from '@ego/kit/metrics'
import { checkPostgres, openDatabase } from '@ego/kit/open-database'
import { startRelay } from '@ego/kit/relay'
import { type Fetch, remoteKeys } from '@ego/kit/remote-keys'
import { ownedService, type Service } from '@ego/kit/service'
import { accountEvents } from './account/consumer-postgres.ts'
import { postgresAccounts } from './account/store-postgres.ts'
import { usersApp } from './app.ts'
import type { Config } from './config.ts'
import { postgresProfiles } from './profile/store-postgres.ts'
import { completeProfile, readOwnProfile } from './profile/use-cases.ts'

export type Given = {
  log: Log
  bus: Bus
  fetch: Fetch
  now?: () => number
  sleep?: (ms: number) => Promise<unknown>
}

export async function wireUsers(config: Config, given: Given): Promise<Service> {
  const { log, bus, fetch, now = Date.now, sleep = setTimeout } = given
  await using building = new AsyncDisposableStack()
  const migrations = new URL('../migrations/', import.meta.url)
  const sql = building.use(await openDatabase({ service: 'users', config, migrations }))

  const accounts = postgresAccounts(sql)
  const profiles = postgresProfiles(sql)
  const app = usersApp({
    log,
    metrics: createMetrics('users'),
    callers: assertionCallers({
      keys: remoteKeys(config.AUTH_JWKS_URL, fetch),
      issuer: config.ISSUER,
      now,
    }),
    checks: { postgres: checkPostgres(sql) },
    now,
    completeProfile: completeProfile({ accounts, profiles, sleep }),
    readOwnProfile: readOwnProfile({ profiles }),
  })
  building.use(await startConsumer({ sql, bus, log, consumer: 'users', on: accountEvents }))
  return ownedService(app, building.move(), () => startRelay({ sql, bus, log }))
}
