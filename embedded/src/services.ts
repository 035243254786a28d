import { loadConfig as authConfig } from '@ego/auth/config'
import { wireAuth } from '@ego/auth/wire'
import type { ServiceName } from '@ego/contracts/services'
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
  const configs = {
    auth: authConfig(environment('auth')),
    users: usersConfig(environment('users')),
    posts: postsConfig(environment('posts')),
    mail: mailConfig(environment('mail')),
  }
  const fetch: Fetch = async (url, options) => (await auth).app.fetch(new Request(url, options))
  const given = (service: ServiceName) => ({ bus, fetch, log: log.child({ service }) })
  // Where a mail landed is worth a line; nobody else says it.
  const mailLog = log.child({ service: 'mail' }, { level: 'info' })
  const auth = wireAuth(configs.auth, given('auth'))
  const wired = await Promise.allSettled([
    auth,
    wireUsers(configs.users, given('users')),
    wirePosts(configs.posts, given('posts')),
    wireMail(configs.mail, { bus, log: mailLog }),
  ])
  // Also of those beside one that failed, so that nothing is left open; the failure is told once all have settled.
  for (const each of wired) if (each.status === 'fulfilled') resources.use(each.value)
  const [inAuth, inUsers, inPosts, inMail] = wired
  return {
    auth: composed(inAuth),
    users: composed(inUsers),
    posts: composed(inPosts),
    mail: composed(inMail),
  }
}

function composed(wired: PromiseSettledResult<Service>): Service {
  if (wired.status === 'rejected') throw wired.reason
  return wired.value
}
