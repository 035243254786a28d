import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { databaseRoles, nodeOf, routedServices, serviceNames } from '@ego/contracts/services'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { sealingPublicKey } from '@ego/kit/http/identity/sealed'
import type { Environment } from '@ego/kit/process/config'
import { openDataFolder, secrets } from '@ego/kit/process/data-folder'
import type { Log } from '@ego/kit/process/log'
import type { Config } from './config.ts'
import { startDatabases } from './databases.ts'

export type Platform = AsyncDisposable & {
  url: string
  folder: string
  /** Where mails are written, when none are sent. */
  mailFolder: string | null
  /** `null` once it was shown. */
  adminPassword: string | null
  noteShown(): void
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
const mailSecret = 'MAIL_PRIVATE_KEY'
const admin = { ADMIN_USERNAME: 'admin', ADMIN_EMAIL: 'admin@localhost.localdomain' }
const gatewayDrainMs = 8_000

/** Everything in this process, but Postgres, which is a child of it. Disposing stops it in the opposite order. */
export async function startPlatform(options: Options): Promise<Platform> {
  const { config, environment, log, serviceLog, onFailure } = options
  await using building = new AsyncDisposableStack()
  const { path: folder } = building.use(await openDataFolder(config.EGO_DATA))
  const shown = join(folder, 'admin-shown')
  const secret = await secrets(folder, [...authSecrets, mailSecret, ...databaseRoles])
  // While Postgres starts, the code of the services is loaded; what fails of it is told when Postgres has an owner.
  const code = Promise.all([import('@ego/gateway/gateway'), import('./services.ts')])
  code.catch(() => {})
  const databases = building.use(
    await startDatabases({
      folder: join(folder, 'postgres'),
      password: (role) => secret[role],
      log: (line) => serviceLog.warn(line),
      onExit: onFailure,
    }),
  )
  const [{ startGateway }, { wireServices }] = await code

  const mailFolder = join(folder, 'mail')
  const sendsMail = Boolean(environment.SMTP_URL || environment.SMTP_URL_FILE)
  const usesS3 = Boolean(environment.S3_BUCKET || environment.S3_BUCKET_FILE)
  const issuer = config.EGO_ISSUER ?? `http://localhost:${config.EGO_PORT}`
  const services = await wireServices({
    bus: memoryBus({ consumers: serviceNames }),
    log: serviceLog,
    resources: building,
    environment: (service) => ({
      ...environment,
      DATABASE_URL: databases.url(service, `${service}_app`),
      DATABASE_OWNER_URL: databases.url(service, `${service}_owner`),
      ISSUER: issuer,
      ...(service === 'auth' && {
        ...admin,
        ...pick(secret, authSecrets),
        MAIL_PUBLIC_KEY: sealingPublicKey(secret[mailSecret]),
      }),
      ...(service === 'users' && !usesS3 && { BLOBS_FOLDER: join(folder, 'blobs') }),
      ...(service === 'mail' && {
        MAIL_PRIVATE_KEY: secret[mailSecret],
        ...(!sendsMail && { MAIL_FOLDER: mailFolder }),
      }),
    }),
  })
  const gateway = building.adopt(
    await startGateway({
      file: config.EGO_ROUTES,
      environment,
      host: config.EGO_HOST,
      port: config.EGO_PORT,
      metricsPort: config.EGO_METRICS_PORT,
      inProcess: Object.fromEntries(
        routedServices.map((name) => [nodeOf(name), services[name].app.fetch]),
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
    mailFolder: sendsMail ? null : mailFolder,
    adminPassword: existsSync(shown) ? null : secret.ADMIN_PASSWORD,
    noteShown: () => writeFileSync(shown, ''),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function pick<K extends string>(values: Record<K, string>, names: readonly K[]) {
  return Object.fromEntries(names.map((name) => [name, values[name]]))
}
