import { type App, createApp } from '@ego/kit/http/app'
import { mountDocs } from '@ego/kit/http/docs'
import { type Checks, mountHealth } from '@ego/kit/http/health'
import type { Callers } from '@ego/kit/http/identity/caller'
import { mountOpenApi } from '@ego/kit/http/openapi'
import type { Log } from '@ego/kit/process/log'
import type { Metrics } from '@ego/kit/process/metrics'
import { avatarBodyBytesMax, avatarPath, mountAvatar } from './avatar/put.ts'
import { mountAvatarImage } from './avatar/read.ts'
import { mountFollow } from './follow/list.ts'
import { mountProfileChanges } from './profile/change.ts'
import { mountProfile } from './profile/read.ts'
import { mountSearch } from './search/find-people.ts'

type UseCases = Parameters<typeof mountProfile>[1] &
  Parameters<typeof mountProfileChanges>[1] &
  Parameters<typeof mountSearch>[1] &
  Parameters<typeof mountFollow>[1] &
  Parameters<typeof mountAvatar>[1] &
  Parameters<typeof mountAvatarImage>[1]

export type Deps = UseCases & {
  log: Log
  metrics: Metrics
  callers: Callers
  checks: Checks
}

const self = { name: 'users', url: '/users/openapi.json' }
const description = 'People: their profiles and avatars, and who follows whom.'

export function usersApp(deps: Deps): App {
  const app = createApp({ ...deps, largeBodies: { [avatarPath]: avatarBodyBytesMax } })
  // Before the paths with an id in them, which would take these names for one.
  mountOpenApi(app, { path: self.url, title: 'Ego users', description })
  mountDocs(app, '/users/docs', [self])
  mountHealth(app, deps)
  mountProfile(app, deps)
  mountProfileChanges(app, deps)
  mountSearch(app, deps)
  mountFollow(app, deps)
  mountAvatar(app, deps)
  mountAvatarImage(app, deps)
  return app
}
