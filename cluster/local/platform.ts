import { randomInt } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hostVariable, routedServices, serviceNames, services } from '../../contracts/services.ts'
import { freePort } from '../../kit/process/free-port.ts'
import { brokerPart } from './broker-part.ts'
import { newKey, serviceEnvironments } from './environment.ts'
import { startExtras } from './extras.ts'
import type { Options } from './options.ts'
import type { OnEnd, Part } from './part.ts'
import { type Databases, postgresPart } from './postgres-part.ts'
import { redisPart } from './redis-part.ts'
import { gatewayPart, servicePart } from './services.ts'

export type Platform = AsyncDisposable & {
  url: string
  folder: string
  adminPassword: string
  databases: Databases
  parts: ReadonlyMap<string, Part>
  /** A sentence for each engine that does not run, with the reason. */
  absent: readonly string[]
  /** The HTTP API of the mail server; `null` when mails are files. */
  mailApi: string | null
  /** Name and address of everything that runs. */
  addresses: readonly (readonly [string, string])[]
}

type PlatformOptions = Options & {
  folder: string
  signal: AbortSignal
  onEnd: OnEnd
  say(line: string): void
}

// A test sends all requests from one address, which would exceed the limits for one address.
const noLimits = {
  gateway: { EGO_RATE_PER_MINUTE: '1000000', EGO_SIGN_IN_RATE_PER_MINUTE: '1000000' },
  services: { REGISTRATIONS_PER_HOUR: '1000000' },
}

/** Starts the engines, then the services, then the gateway. Disposing stops them in reverse order. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { folder, signal, onEnd, mode, say } = options
  await using building = new AsyncDisposableStack()
  const parts = new Map<string, Part>()
  async function start<P extends Part>(part: P): Promise<P> {
    parts.set(part.name, part)
    building.defer(() => part.stop('stopped'))
    const startedAt = performance.now()
    await part.start(signal)
    say(`${part.name}: started in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
    return part
  }
  const freeParts = async () => ({ folder, port: await freePort(), onEnd })

  const databases = await start(postgresPart(await freeParts()))
  await databases.createAll()
  const redis = await start(await redisPart(await freeParts()))
  const broker = await brokerPart(options.events, await freeParts())
  await start(broker.part)
  const extras = building.use(await startExtras(options.with, signal))

  const host = loopbackAddress()
  const port = options.port ?? (await freePort())
  const limits = mode === 'run' ? { gateway: {}, services: {} } : noLimits
  const adminPassword = newKey()
  const environments = serviceEnvironments({
    folder,
    host,
    issuer: `http://localhost:${port}`,
    databaseUrl: databases.url,
    engines: { REDIS_URL: redis.url, EVENTS_URL: broker.url, ...extras.variables },
    limits: limits.services,
    adminPassword,
  })
  await mkdir(join(folder, 'mail'), { recursive: true })
  for (const name of serviceNames) {
    await start(servicePart(name, { host, folder, env: environments[name], onEnd }))
  }
  const url = `http://127.0.0.1:${port}`
  const env = {
    EGO_PORT: String(port),
    EGO_AUTH_URL: `http://${host}:${services.auth.port}`,
    ...Object.fromEntries(routedServices.map((name) => [hostVariable(name), host])),
    ...limits.gateway,
  }
  await start(gatewayPart({ url, folder, env, onEnd }))
  const owned = building.move()
  return {
    url,
    folder,
    adminPassword,
    databases,
    parts,
    absent: extras.absent,
    mailApi: extras.mailApi,
    addresses: [
      ...[...parts.values()].map(({ name, address }) => [name, address] as const),
      ...extras.addresses,
    ],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The ports in apisix.yaml are fixed; a random loopback address makes sure that they are free. */
function loopbackAddress(): string {
  if (process.platform !== 'linux') return '127.0.0.1'
  return `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(2, 255)}`
}
