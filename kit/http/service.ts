import { serve } from '@hono/node-server'
import type { Log } from '../process/log.ts'
import type { Metrics } from '../process/metrics.ts'
import { describeStart } from '../process/start-error.ts'
import type { App } from './app.ts'
import { togetherResponse } from './fast/together-response.ts'

/** A composed service: `start` begins its background work once all services that hear of it are composed. */
export type Service = AsyncDisposable & { app: App; metrics: Metrics; start(): Promise<void> }

/** Owns what the composition opened; the workers stop before anything that they use is closed. */
export function ownedService(
  { app, metrics }: Pick<Service, 'app' | 'metrics'>,
  resources: AsyncDisposableStack,
  startWorker: () => AsyncDisposable,
): Service {
  return {
    app,
    metrics,
    start: async () => void resources.use(startWorker()),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** The wish to stop: `asked` resolves at the first signal, or when the process cannot go on. */
export type Stop = { asked: Promise<void>; fail(reason: string): void }

const drainMsMax = 10_000

/**
 * The frame of every `main.ts`. A failed start is told in a sentence and exits 1. Whatever signals come, and also while it
 * still starts, what was opened is closed once and in order; only what takes too long is cut off.
 */
export async function runMain(
  main: (stop: Stop) => Promise<AsyncDisposable>,
  drainMs = drainMsMax,
): Promise<void> {
  const stop = listenForStop()
  // From the signal on, so that a start that hangs is cut off too; what is left of a start takes from the time to drain.
  void stop.asked.then(() => setTimeout(() => process.exit(1), drainMs).unref())
  try {
    const running = await main(stop)
    await stop.asked
    await running[Symbol.asyncDispose]()
    process.exit()
  } catch (error) {
    process.stderr.write(`${describeStart(error)}\n`)
    process.exit(1)
  }
}

function listenForStop(): Stop {
  const { promise, resolve } = Promise.withResolvers<void>()
  // Listening on: npm hands on a signal that the terminal has sent already, and the second one must not kill.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve())
  return {
    asked: promise,
    fail(reason) {
      process.stderr.write(`${reason}\n`)
      process.exitCode = 1
      resolve()
    },
  }
}

type Options = { service: Service; host: string; port: number; log: Log }

/** Listens; disposing finishes the requests under way, then closes what the service owns. */
export async function serveService({
  service,
  host,
  port,
  log,
}: Options): Promise<AsyncDisposable> {
  const server = serve({
    fetch: service.app.fetch,
    hostname: host,
    port,
    serverOptions: {
      ServerResponse: togetherResponse((error) =>
        log.error({ err: error }, 'an answer could not be written'),
      ),
    },
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('listening', resolve)
  server.once('error', reject)
  try {
    await promise
  } catch (error) {
    await service[Symbol.asyncDispose]()
    throw error
  }
  service.metrics.measureProcess()
  await service.start()
  log.info({ host, port }, 'listening')
  return {
    async [Symbol.asyncDispose]() {
      // Clients that keep their connections would else be served, and hold up the stop, until it is cut off.
      server.prependListener('request', (_, response) => {
        response.shouldKeepAlive = false
      })
      await new Promise<void>((done) => server.close(() => done()))
      await service[Symbol.asyncDispose]()
      log.info('stopped')
    },
  }
}
