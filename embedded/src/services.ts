import { loadConfig as authConfig } from '@ego/auth/config'
import { wireAuth } from '@ego/auth/wire'
import { eachService, type ServiceName, serviceNames } from '@ego/contracts/services'
import type { Bus } from '@ego/kit/events/bus'
import type { Fetch } from '@ego/kit/http/identity/remote-keys'
import type { Service } from '@ego/kit/http/service'
import type { Environment } from '@ego/kit/process/config'
import type { Log } from '@ego/kit/process/log'
import { loadConfig as mailConfig } from '@ego/mail/config'
import { wireMail } from '@ego/mail/wire'
import { loadConfig as postsConfig } from '@ego/posts/config'
import { wirePosts } from '@ego/posts/wire'
import { loadConfig as usersConfig } from '@ego/users/config'
import { wireUsers } from '@ego/users/wire'

export type Services = Record<ServiceName, Service>

type Given = { bus: Bus; fetch: Fetch; log: Log }
type Wire = (given: Given) => Promise<Service>

const configured: Record<ServiceName, (environment: Environment) => Wire> = {
  auth: configure(authConfig, wireAuth),
  users: configure(usersConfig, wireUsers),
  posts: configure(postsConfig, wirePosts),
  mail: configure(mailConfig, wireMail),
}

type Options = {
  environment(service: ServiceName): Environment
  bus: Bus
  log: Log
  resources: AsyncDisposableStack
}

/**
 * Composes each service exactly as its own `main.ts` does, but with the bus and the network of this process. All at once,
 * because each spends most of its time waiting for its database.
 */
export async function wireServices(options: Options): Promise<Services> {
  const { environment, bus, log, resources } = options
  // All of them first, so that nothing is opened when a variable is wrong.
  const wire = eachService((service) => configured[service](environment(service)))
  const fetch: Fetch = async (url, options) =>
    (await wiring.auth).app.fetch(new Request(url, options))
  const wiring = eachService((service) => wire[service]({ bus, fetch, log: logOf(service, log) }))
  const settled = await Promise.allSettled(serviceNames.map((service) => wiring[service]))
  // Also of those beside one that failed, so that nothing is left open; the failure is told once all have settled.
  for (const each of settled) if (each.status === 'fulfilled') resources.use(each.value)
  return eachService((_, index) => composed(settled[index]))
}

function composed(settled: PromiseSettledResult<Service> | undefined): Service {
  if (settled?.status !== 'fulfilled') throw settled?.reason
  return settled.value
}

function configure<Config>(
  loadConfig: (environment: Environment) => Config,
  wire: (config: Config, given: Given) => Promise<Service>,
): (environment: Environment) => Wire {
  return (environment) => {
    const config = loadConfig(environment)
    return (given) => wire(config, given)
  }
}

function logOf(service: ServiceName, log: Log): Log {
  // Where a mail landed is worth a line, which no other log has.
  return log.child({ service }, service === 'mail' ? { level: 'info' } : {})
}
