import { type App, createApp } from '@ego/kit/app'
import type { Callers } from '@ego/kit/caller'
import { mountDocs } from '@ego/kit/docs'
import { type Check, mountHealth } from '@ego/kit/health'
import type { Log } from '@ego/kit/log'
import type { Metrics } from '@ego/kit/metrics'
import { mountOpenApi } from '@ego/kit/openapi'
import { mountPost } from './post/routes.ts'
import type { createPost } from './post/use-cases.ts'
import { mountSearch } from './search/routes.ts'
import type { searchPosts } from './search/use-cases.ts'

export type Deps = {
  log: Log
  metrics: Metrics
  callers: Callers
  checks: Record<string, Check>
  createPost: ReturnType<typeof createPost>
  searchPosts: ReturnType<typeof searchPosts>
}

const self = { name: 'posts', url: '/posts/openapi.json' }
const description = 'Posts: what people write, and how it is found.'

export function postsApp(deps: Deps): App {
  const app = createApp(deps)
  mountPost(app, deps)
  mountSearch(app, deps)
  mountOpenApi(app, { path: self.url, title: 'Ego posts', description })
  mountDocs(app, '/posts/docs', [self])
  mountHealth(app, deps)
  return app
}
