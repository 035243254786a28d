import { type App, createApp } from '@ego/kit/app'
import type { Callers } from '@ego/kit/caller'
import { type Checks, mountHealth } from '@ego/kit/health'
import type { Log } from '@ego/kit/log'
import type { Metrics } from '@ego/kit/metrics'

export type Deps = { log: Log; metrics: Metrics; checks: Checks }

// Nothing is routed here, so nobody has an identity to show.
const nobody: Callers = { find: async () => null }

/** For operators only: health and metrics. */
export function mailApp({ log, metrics, checks }: Deps): App {
  const app = createApp({ log, metrics, callers: nobody })
  mountHealth(app, { checks, metrics, log })
  return app
}
