import type { App } from './app.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/** Rejects when the dependency cannot serve. */
export type Check = () => Promise<void>

export type Health = { checks: Record<string, Check>; metrics: Metrics; log: Log }

const checkTimeoutMs = 2_000

/** `/livez` says that the process runs, `/readyz` that each named dependency serves, `/metrics` is for Prometheus. */
export function mountHealth(app: App, { checks, metrics, log }: Health): void {
  app.get('/livez', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    const results = await Promise.all(
      Object.entries(checks).map(
        async ([name, check]) => [name, await outcome(name, check, log)] as const,
      ),
    )
    const isReady = results.every(([, result]) => result === 'ok')
    const body = { status: isReady ? 'ok' : 'unavailable', checks: Object.fromEntries(results) }
    return c.json(body, isReady ? 200 : 503)
  })
  app.get('/metrics', async (c) =>
    c.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }),
  )
}

async function outcome(name: string, check: Check, log: Log): Promise<'ok' | 'unavailable'> {
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(() => timeout.reject(new Error('too slow')), checkTimeoutMs)
  try {
    await Promise.race([check(), timeout.promise])
    return 'ok'
  } catch (error) {
    // Outside only the name is told: the reason may hold addresses.
    log.warn({ err: error, check: name }, 'a dependency is not ready')
    return 'unavailable'
  } finally {
    clearTimeout(timer)
  }
}
