import { loadConfig as authConfig } from '@ego/auth/config'
import { wireAuth } from '@ego/auth/wire'
import type { Bus } from '@ego/kit/bus'
import type { Log } from '@ego/kit/log'
import type { Fetch } from '@ego/kit/remote-keys'
import type { Service } from '@ego/kit/service'
import { loadConfig as postsConfig } from '@ego/posts/config'
import { wirePosts } from '@ego/posts/wire'
import { loadConfig as usersConfig } from '@ego/users/config'
import { wireUsers } from '@ego/users/wire'

/** One database, and one node name in apisix.yaml, for each. */
export const serviceNodes = { auth: 'auth:3001', users: 'users:3002', posts: 'posts:3003' } as const
export type ServiceName = keyof typeof serviceNodes
export const serviceNames: readonly ServiceName[] = ['auth', 'users', 'posts']

export type Services = Record<ServiceName, Service>

type Options = {
  environment(service: ServiceName): Record<string, string>
  bus: Bus
  log: Log
  resources: AsyncDisposableStack
}

/** Composes each service exactly as its own `main.ts` does, but with the bus and the network of this process. */
export async function wireServices({ environment, bus, log, resources }: Options) {
  const given = (service: ServiceName) => ({ bus, fetch, log: log.child({ service }) })
  const fetch: Fetch = async (url, options) => auth.app.fetch(new Request(url, options))
  const auth = await wireAuth(authConfig(environment('auth')), given('auth'))
  resources.use(auth)
  const [users, posts] = await Promise.all([
    wireUsers(usersConfig(environment('users')), given('users')),
    wirePosts(postsConfig(environment('posts')), given('posts')),
  ])
  resources.use(users)
  resources.use(posts)
  return { auth, users, posts }
}
