import { createApp } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { mountDocs } from '@ego/kit/http/docs'
import { type Checks, mountHealth } from '@ego/kit/http/health'
import type { Callers } from '@ego/kit/http/identity/caller'
import { mountOpenApi } from '@ego/kit/http/openapi'
import type { Log } from '@ego/kit/process/log'
import type { Metrics } from '@ego/kit/process/metrics'
import { mountReadFeed } from './feed/read.ts'
import type { FeedStore } from './feed/store.ts'
import { mountCreatePost } from './post/create.ts'
import { mountDeletePost } from './post/delete.ts'
import { mountEditPost } from './post/edit.ts'
import { mountListPosts } from './post/list.ts'
import { mountReadPost } from './post/read.ts'
import type { NewPosts, PostStore } from './post/store.ts'
import { mountSearch, type SearchDeps } from './search/search.ts'

export type Deps = SearchDeps & {
  log: Log
  metrics: Metrics
  callers: Callers
  checks: Checks
  newPosts: NewPosts
  posts: PostStore
  feed: FeedStore
  /** Tells the search index that it has something to catch up with. */
  wakeIndex: () => void
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
  mountReadFeed(app, deps)
  mountReadPost(app, deps)
  mountListPosts(app, deps)
  mountCreatePost(app, deps)
  mountEditPost(app, deps)
  mountDeletePost(app, deps)
  return app
}
