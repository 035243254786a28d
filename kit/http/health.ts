import { withTimeout } from '../async/timeout.ts'
import type { Log } from '../process/log.ts'
import type { Metrics } from '../process/metrics.ts'
import type { App } from './context.ts'

/** Rejects when the dependency cannot serve. */
export type Check = () => Promise<void>

export type Checks = {
  /** The service is not ready without these. */
  required: Record<string, Check>
  /** Most of the service works without these: taking it out of rotation would make the outage larger. */
  optional?: Record<string, Check>
}

export type Health = { checks: Checks; metrics: Metrics; log: Log }

const checkTimeoutMs = 2_000

/** Serves `/livez` (the process runs), `/readyz` (each named dependency serves) and `/metrics` (for Prometheus). */
export function mountHealth(app: App, { checks, metrics, log }: Health): void {
  app.get('/livez', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    const [required, optional] = await Promise.all([
      outcomes(checks.required, log),
      outcomes(checks.optional ?? {}, log),
    ])
    const isReady = areOk(required)
    const status = isReady ? (areOk(optional) ? 'ok' : 'degraded') : 'unavailable'
    return c.json({ status, checks: { ...required, ...optional } }, isReady ? 200 : 503)
  })
  app.get('/metrics', async (c) =>
    c.body(await metrics.render(), 200, { 'content-type': metrics.contentType }),
  )
}

type Outcome = 'ok' | 'unavailable'

function areOk(results: Record<string, Outcome>): boolean {
  return Object.values(results).every((result) => result === 'ok')
}

async function outcomes(checks: Record<string, Check>, log: Log): Promise<Record<string, Outcome>> {
  const results = Object.entries(checks).map(
    async ([name, check]) => [name, await outcome(name, check, log)] as const,
  )
  return Object.fromEntries(await Promise.all(results))
}

async function outcome(name: string, check: Check, log: Log): Promise<Outcome> {
  try {
    await withTimeout(checkTimeoutMs, check())
    return 'ok'
  } catch (error) {
    // The response has only the name: the reason may contain addresses.
    log.warn({ err: error, check: name }, 'a dependency is not ready')
    return 'unavailable'
  }
}
