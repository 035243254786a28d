import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startGateway } from '@ego/gateway/gateway'
import { memoryBus } from '@ego/kit/bus-memory'
import type { Environment } from '@ego/kit/config'
import { openDataFolder, secrets } from '@ego/kit/data-folder'
import type { Log } from '@ego/kit/log'
import type { Config } from './config.ts'
import { databaseRoles, startDatabases } from './databases.ts'
import { serviceNames, serviceNodes, wireServices } from './services.ts'

export type Platform = AsyncDisposable & {
  url: string
  folder: string
  isFirstStart: boolean
  adminPassword: string
}

type Options = {
  config: Config
  environment: Environment
  /** For the gateway: one line a request. */
  log: Log
  /** For the services, whose requests the gateway logs already. */
  serviceLog: Log
  /** Told in a sentence when the platform cannot go on. */
  onFailure: (reason: string) => void
}

const authSecrets = ['KEY_ENCRYPTION_KEY', 'REFRESH_TOKEN_KEY', 'ADMIN_PASSWORD'] as const
const admin = { ADMIN_USERNAME: 'admin', ADMIN_EMAIL: 'admin@localhost.localdomain' }
const gatewayDrainMs = 8_000
const routes = fileURLToPath(new URL('../../apisix/apisix.yaml', import.meta.url))

/** Everything in this process, but Postgres, which is a child of it. Disposing stops it in the opposite order. */
export async function startPlatform(options: Options): Promise<Platform> {
  const { config, environment, log, serviceLog, onFailure } = options
  await using building = new AsyncDisposableStack()
  const { path: folder } = building.use(await openDataFolder(config.EGO_DATA))
  const isFirstStart = !existsSync(join(folder, 'secrets.json'))
  const secret = await secrets(folder, [...authSecrets, ...databaseRoles])
  const databases = building.use(
    await startDatabases({
      folder: join(folder, 'postgres'),
      password: (role) => secret[role],
      log: (line) => serviceLog.warn(line),
      onExit: onFailure,
    }),
  )

  const issuer = config.EGO_ISSUER ?? `http://localhost:${config.EGO_PORT}`
  const services = await wireServices({
    bus: memoryBus({ consumers: ['users', 'posts'] }),
    log: serviceLog,
    resources: building,
    environment: (service) => ({
      DATABASE_URL: databases.url(service, `${service}_app`),
      DATABASE_OWNER_URL: databases.url(service, `${service}_owner`),
      ISSUER: issuer,
      ...(service === 'auth' && { ...admin, ...pick(secret, authSecrets) }),
    }),
  })
  const gateway = building.adopt(
    await startGateway({
      file: routes,
      environment,
      host: config.EGO_HOST,
      port: config.EGO_PORT,
      inProcess: Object.fromEntries(
        serviceNames.map((name) => [serviceNodes[name], services[name].app.fetch]),
      ),
      log,
    }),
    (gateway) => gateway.drain(gatewayDrainMs),
  )
  for (const name of serviceNames) await services[name].start()
  const owned = building.move()
  return {
    url: gateway.url,
    folder,
    isFirstStart,
    adminPassword: secret.ADMIN_PASSWORD,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function pick<K extends string>(values: Record<K, string>, names: readonly K[]) {
  return Object.fromEntries(names.map((name) => [name, values[name]]))
}
