import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeOf, routedServices, type ServiceName, serviceNames } from '@ego/contracts/services'
import { type Gateway, type GatewayOptions, startGateway } from '@ego/gateway/gateway'
import type { Bus } from '@ego/kit/events/bus'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { sealingPublicKey } from '@ego/kit/http/identity/sealed'
import { createLog } from '@ego/kit/process/log'
import { testIssuer } from '@ego/kit/testing/identity'
import { type Services, wireServices } from '../../embedded/src/services.ts'

/** A request as a service received it from the gateway. */
export type Arrival = {
  service: ServiceName
  method: string
  path: string
  headers: Record<string, string>
}

export type DatabaseUrls = Record<ServiceName, { url: string; ownerUrl: string }>

type Options = Pick<GatewayOptions, 'log'> & {
  databases: DatabaseUrls
  folder: string
  resources: AsyncDisposableStack
  timeouts?: GatewayOptions['timeouts']
  onArrival?: (arrival: Arrival) => void
  bus?: Bus
}

export const realFile = fileURLToPath(new URL('../../apisix/apisix.yaml', import.meta.url))
const unlimited = { EGO_RATE_PER_MINUTE: '1000000', EGO_SIGN_IN_RATE_PER_MINUTE: '1000000' }

const key = () => randomBytes(32).toString('base64url')

export const keyEncryptionKey = key()
export const staffLogin = { username: 'admin', password: key() }

/** Composes the same parts as the embedded launcher, except Postgres: the services, and the gateway with the real apisix.yaml. */
export async function wirePlatform(options: Options): Promise<{ gateway: Gateway }> {
  const { log, resources, timeouts, onArrival } = options
  const { bus = memoryBus({ consumers: serviceNames }) } = options
  const services = await wireServices({
    environment: environmentOf(options),
    bus,
    log: createLog(null, 'silent', { write: () => undefined }),
    resources,
  })
  const gateway = await startGateway({
    file: realFile,
    environment: unlimited,
    host: '127.0.0.1',
    port: 0,
    inProcess: nodesOf(services, onArrival),
    log,
    ...(timeouts && { timeouts }),
  })
  resources.use(gateway)
  for (const name of serviceNames) await services[name].start()
  return { gateway }
}

function nodesOf(services: Services, onArrival: Options['onArrival']) {
  const entries = routedServices.map((service) => {
    const { fetch } = services[service].app
    const noted = (request: Request) => {
      onArrival?.(arrivalOf(service, request))
      return fetch(request)
    }
    return [nodeOf(service), onArrival ? noted : fetch]
  })
  return Object.fromEntries(entries)
}

function arrivalOf(service: ServiceName, { method, url, headers }: Request): Arrival {
  return { service, method, path: new URL(url).pathname, headers: Object.fromEntries([...headers]) }
}

function environmentOf({ databases, folder }: Options) {
  const mailKey = key()
  const own: Partial<Record<ServiceName, Record<string, string>>> = {
    auth: {
      KEY_ENCRYPTION_KEY: keyEncryptionKey,
      REFRESH_TOKEN_KEY: key(),
      MAIL_PUBLIC_KEY: sealingPublicKey(mailKey),
      LOGIN_MISSES_PER_IP: '1000000',
      REGISTRATIONS_PER_HOUR: '1000000',
      ARGON2_MEMORY_KIB: '8192',
      ARGON2_PASSES: '1',
      ADMIN_USERNAME: staffLogin.username,
      ADMIN_PASSWORD: staffLogin.password,
      ADMIN_EMAIL: 'admin@localhost.localdomain',
    },
    users: { BLOBS_FOLDER: join(folder, 'blobs') },
    mail: { MAIL_PRIVATE_KEY: mailKey, MAIL_FOLDER: join(folder, 'mail') },
  }
  return (service: ServiceName) => ({
    DATABASE_URL: databases[service].url,
    DATABASE_OWNER_URL: databases[service].ownerUrl,
    ISSUER: testIssuer,
    ...own[service],
  })
}
