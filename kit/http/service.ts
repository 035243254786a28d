import { serve } from '@hono/node-server'
import { togetherResponse } from '../fast/together-response.ts'
import type { Log } from '../process/log.ts'
import type { Metrics } from '../process/metrics.ts'
import { describeStart } from '../process/start-error.ts'
import type { App } from './context.ts'

/** A composed service. `start` begins its background work; call it once all consumers of its events are composed. */
export type Service = AsyncDisposable & { app: App; metrics: Metrics; start(): Promise<void> }

/** Owns the resources that the composition opened. The worker stops before anything that it uses is closed. */
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

/** `asked` resolves at the first signal, or when `fail` is called because the process cannot continue. */
export type Stop = { asked: Promise<void>; fail(reason: string): void }

const drainMsMax = 10_000

/**
 * Runs the `main.ts` of every process. A failed start prints a sentence and exits with 1. After any number of signals, also
 * during the start, everything is closed once and in order; what takes longer than `drainMs` is cut off.
 */
export async function runMain(
  main: (stop: Stop) => Promise<AsyncDisposable>,
  drainMs = drainMsMax,
): Promise<void> {
  const stop = listenForStop()
  // The time runs from the signal on, so that a start that hangs is cut off too.
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
  // Not once(): npm forwards a signal that the terminal has already sent, and the second one must not kill the process.
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

/** Starts to listen. Disposing finishes the open requests, then closes the service. */
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
      // Otherwise clients with kept-alive connections would delay the stop until it is cut off.
      server.prependListener('request', (_, response) => {
        response.shouldKeepAlive = false
      })
      await new Promise<void>((done) => server.close(() => done()))
      await service[Symbol.asyncDispose]()
      log.info('stopped')
    },
  }
}
