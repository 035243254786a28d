import { createApp } from '@ego/kit/http/app'
import type { App } from '@ego/kit/http/context'
import { type Checks, mountHealth } from '@ego/kit/http/health'
import type { Callers } from '@ego/kit/http/identity/caller'
import type { Log } from '@ego/kit/process/log'
import type { Metrics } from '@ego/kit/process/metrics'

export type Deps = { log: Log; metrics: Metrics; checks: Checks }

// Nothing is routed here, so no caller has an identity to show.
const noCallers: Callers = { find: async () => null }

/** For operators only: health and metrics. */
export function mailApp({ log, metrics, checks }: Deps): App {
  const app = createApp({ log, metrics, callers: noCallers })
  mountHealth(app, { checks, metrics, log })
  return app
}
