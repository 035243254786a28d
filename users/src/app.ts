import { type App, createApp } from '@ego/kit/app'
import type { Callers } from '@ego/kit/caller'
import { mountDocs } from '@ego/kit/docs'
import { type Check, mountHealth } from '@ego/kit/health'
import type { Log } from '@ego/kit/log'
import type { Metrics } from '@ego/kit/metrics'
import { mountOpenApi } from '@ego/kit/openapi'
import { mountProfile } from './profile/routes.ts'
import type { completeProfile, readOwnProfile } from './profile/use-cases.ts'

export type Deps = {
  log: Log
  metrics: Metrics
  callers: Callers
  checks: Record<string, Check>
  now: () => number
  completeProfile: ReturnType<typeof completeProfile>
  readOwnProfile: ReturnType<typeof readOwnProfile>
}

const self = { name: 'users', url: '/users/openapi.json' }
const description = 'Profiles: what people tell about themselves.'

export function usersApp(deps: Deps): App {
  const app = createApp(deps)
  mountProfile(app, deps)
  mountOpenApi(app, { path: self.url, title: 'Ego users', description })
  mountDocs(app, '/users/docs', [self])
  mountHealth(app, deps)
  return app
}
