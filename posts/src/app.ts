import { type App, createApp } from '@ego/kit/http/app'
import { mountDocs } from '@ego/kit/http/docs'
import { type Checks, mountHealth } from '@ego/kit/http/health'
import type { Callers } from '@ego/kit/http/identity/caller'
import { mountOpenApi } from '@ego/kit/http/openapi'
import type { Log } from '@ego/kit/process/log'
import type { Metrics } from '@ego/kit/process/metrics'
import { mountFeed } from './feed/read.ts'
import { mountPostWrites } from './post/create.ts'
import { mountPost } from './post/read.ts'
import { mountSearch } from './search/search.ts'

type UseCases = Parameters<typeof mountPost>[1] &
  Parameters<typeof mountPostWrites>[1] &
  Parameters<typeof mountSearch>[1] &
  Parameters<typeof mountFeed>[1]

export type Deps = UseCases & {
  log: Log
  metrics: Metrics
  callers: Callers
  checks: Checks
}

const self = { name: 'posts', url: '/posts/openapi.json' }
const description = 'Posts: what people write, how it is found, and the feed.'

export function postsApp(deps: Deps): App {
  const app = createApp(deps)
  // Before the paths with an id in them, which would take these names for one.
  mountOpenApi(app, { path: self.url, title: 'Ego posts', description })
  mountDocs(app, '/posts/docs', [self])
  mountHealth(app, deps)
  mountSearch(app, deps)
  mountFeed(app, deps)
  mountPost(app, deps)
  mountPostWrites(app, deps)
  return app
}
