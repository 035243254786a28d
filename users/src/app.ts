import type { Limiter } from '@ego/kit/async/limiter'
import type { Blobs } from '@ego/kit/blobs/blobs'
import { createApp } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { mountDocs } from '@ego/kit/http/docs'
import { type Checks, mountHealth } from '@ego/kit/http/health'
import type { Callers } from '@ego/kit/http/identity/caller'
import { mountOpenApi } from '@ego/kit/http/openapi'
import type { Log } from '@ego/kit/process/log'
import type { Metrics } from '@ego/kit/process/metrics'
import type { AccountStore } from './account/store.ts'
import { mountDeleteAvatar } from './avatar/delete.ts'
import type { Images } from './avatar/images.ts'
import type { AvatarObjects } from './avatar/objects.ts'
import { avatarPath, mountPutAvatar } from './avatar/put.ts'
import { mountReadAvatar } from './avatar/read.ts'
import type { AvatarStore } from './avatar/store.ts'
import { avatarBodyBytesMax } from './avatar/upload.ts'
import { mountFollowUser } from './follow/follow.ts'
import { mountListFollows } from './follow/list.ts'
import type { FollowStore } from './follow/store.ts'
import { mountUnfollowUser } from './follow/unfollow.ts'
import type { ProfileCache } from './profile/cache.ts'
import { mountChangeProfile } from './profile/change.ts'
import { mountCreateProfile } from './profile/create.ts'
import { mountHideProfile } from './profile/hide.ts'
import { mountReadProfile } from './profile/read.ts'
import { mountReadOwnProfile } from './profile/read-own.ts'
import { mountRestoreProfile } from './profile/restore.ts'
import type { ProfileStore } from './profile/store.ts'
import { mountFindPeople } from './search/find-people.ts'
import type { PeopleStore } from './search/store.ts'

export type Deps = {
  log: Log
  metrics: Metrics
  callers: Callers
  checks: Checks
  now: () => number
  sleep: (ms: number) => Promise<unknown>
  accounts: AccountStore
  profiles: ProfileStore
  cache: ProfileCache
  follows: FollowStore
  people: PeopleStore
  searchLimiter: Limiter
  avatars: AvatarStore
  blobs: Blobs
  images: Images
  imageLimiter: Limiter
  objects: AvatarObjects
}

const self = { name: 'users', url: '/users/openapi.json' }
const description = 'People: their profiles and avatars, and who follows whom.'

export function usersApp(deps: Deps): App {
  const { accounts, profiles, cache, follows, people, avatars, blobs, images, objects } = deps
  const { log, metrics, callers, checks, now, sleep, searchLimiter, imageLimiter } = deps
  const largeBodies = { [avatarPath]: avatarBodyBytesMax }
  const app = createApp({ log, metrics, callers, largeBodies })
  // Before the paths with an id in them, which would take these names for one.
  mountOpenApi(app, { path: self.url, title: 'Ego users', description })
  mountDocs(app, '/users/docs', [self])
  mountHealth(app, { log, metrics, checks })
  mountReadOwnProfile(app, { cache })
  mountReadProfile(app, { cache, relations: follows })
  mountCreateProfile(app, { accounts, profiles, now, sleep })
  mountChangeProfile(app, { profiles, cache, now })
  mountHideProfile(app, { profiles, cache })
  mountRestoreProfile(app, { profiles, cache })
  mountFindPeople(app, { people, limiter: searchLimiter })
  mountFollowUser(app, { follows, cache })
  mountUnfollowUser(app, { follows, cache })
  mountListFollows(app, { follows, cache })
  mountPutAvatar(app, { avatars, blobs, cache, images, limiter: imageLimiter, objects })
  mountDeleteAvatar(app, { avatars, cache, objects })
  mountReadAvatar(app, { cache, blobs })
  return app
}
