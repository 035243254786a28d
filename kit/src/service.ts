import { serve } from '@hono/node-server'
import type { App } from './app.ts'
import type { Log } from './log.ts'
import { describeStart } from './start-error.ts'

/** A composed service: `start` begins its background work once all services that hear of it are composed. */
export type Service = AsyncDisposable & { app: App; start(): Promise<void> }

/** Owns what the composition opened; the workers stop before anything that they use is closed. */
export function ownedService(
  app: App,
  resources: AsyncDisposableStack,
  startWorker: () => AsyncDisposable,
): Service {
  return {
    app,
    start: async () => void resources.use(startWorker()),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

type Options = { service: Service; host: string; port: number; log: Log }

export const drainMsMax = 10_000

/** Around a `main.ts`: a failed start is told in a sentence and exits 1. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    process.stderr.write(`${describeStart(error)}\n`)
    process.exit(1)
  }
}

/** Listens until SIGTERM or SIGINT, then finishes the requests under way and closes what the service owns. */
export async function runService({ service, host, port, log }: Options): Promise<void> {
  await service.start()
  const server = serve({ fetch: service.app.fetch, hostname: host, port }, ({ port: bound }) =>
    log.info({ host, port: bound }, 'listening'),
  )
  server.on('error', (error) => {
    log.fatal({ err: error }, 'cannot listen')
    process.exit(1)
  })
  const stop = async () => {
    setTimeout(() => process.exit(1), drainMsMax).unref()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    await service[Symbol.asyncDispose]()
    log.info('stopped')
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
}
