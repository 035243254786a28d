import { loadConfig as authConfig } from '@ego/auth/config'
import { wireAuth } from '@ego/auth/wire'
import type { Bus } from '@ego/kit/bus'
import type { Environment } from '@ego/kit/config'
import type { Log } from '@ego/kit/log'
import type { Fetch } from '@ego/kit/remote-keys'
import type { Service } from '@ego/kit/service'
import { loadConfig as mailConfig } from '@ego/mail/config'
import { wireMail } from '@ego/mail/wire'
import { loadConfig as postsConfig } from '@ego/posts/config'
import { wirePosts } from '@ego/posts/wire'
import { loadConfig as usersConfig } from '@ego/users/config'
import { wireUsers } from '@ego/users/wire'

export const serviceNames = ['auth', 'users', 'posts', 'mail'] as const
export type ServiceName = (typeof serviceNames)[number]

/** The names that apisix.yaml has for the services that it routes to. */
export const serviceNodes = { auth: 'auth:3001', users: 'users:3002', posts: 'posts:3003' } as const

export const routedServices = ['auth', 'users', 'posts'] as const

export type Services = Record<ServiceName, Service>

type Options = {
  environment(service: ServiceName): Environment
  bus: Bus
  log: Log
  resources: AsyncDisposableStack
}

/** Composes each service exactly as its own `main.ts` does, but with the bus and the network of this process. */
export async function wireServices(options: Options): Promise<Services> {
  const { environment, bus, log, resources } = options
  const given = (service: ServiceName) => ({ bus, fetch, log: log.child({ service }) })
  const fetch: Fetch = async (url, options) => auth.app.fetch(new Request(url, options))
  const auth = await wireAuth(authConfig(environment('auth')), given('auth'))
  resources.use(auth)
  const users = await wireUsers(usersConfig(environment('users')), given('users'))
  resources.use(users)
  const posts = await wirePosts(postsConfig(environment('posts')), given('posts'))
  resources.use(posts)
  // Where a mail landed is worth a line; nobody else says it.
  const mailLog = log.child({ service: 'mail' }, { level: 'info' })
  const mail = await wireMail(mailConfig(environment('mail')), { bus, log: mailLog })
  resources.use(mail)
  return { auth, users, posts, mail }
}
