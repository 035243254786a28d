import type { Server } from 'node:http'
import { promisify } from 'node:util'
import { installLeanResponse } from '@ego/kit/fast/lean-response'
import type { Environment } from '@ego/kit/process/config'
import type { Logger } from 'pino'
import { watchFile } from './file/watch.ts'
import { closeWithin, listen } from './http/listener.ts'
import { type ClientTimeouts, clientTimeouts, createGatewayServer } from './http/server.ts'
import { createMetrics, type Metrics } from './monitoring/metrics.ts'
import { createMetricsServer } from './monitoring/metrics-server.ts'
import type { PluginContext } from './plugins/plugin.ts'
import { type LiveTable, openTable } from './routing/live-table.ts'
import { serve } from './serve.ts'
import { createPools, type Pools } from './upstream/transport-http.ts'
import { inProcessTransport, type ServiceFetch } from './upstream/transport-in-process.ts'

/** Services of this process by the name their node has in apisix.yaml, such as `auth:3001`. */
type InProcess = Record<string, ServiceFetch>

export type GatewayOptions = {
  readonly file: string
  readonly environment: Environment
  readonly host: string
  readonly port: number
  /** A listener for Prometheus, on the same host; there is none when it is absent. */
  readonly metricsPort?: number | undefined
  readonly inProcess?: InProcess
  readonly log: Logger
  /** In place of `clientTimeouts`. */
  readonly timeouts?: ClientTimeouts
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number
}

export type Gateway = AsyncDisposable & {
  readonly url: string
  readonly metricsUrl: string | undefined
  /** Prometheus text. */
  metrics(): Promise<string>
  /** Takes no more connections, lets requests finish, and cuts those that take longer. A second call waits for the first. */
  drain(timeoutMs: number): Promise<void>
}

/** Listens once the file is checked; rejects with its problems, or with the error of listen. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { file, host, port, metricsPort, log, timeouts = clientTimeouts } = options
  await using building = new AsyncDisposableStack()
  if (Object.keys(options.inProcess ?? {}).length > 0) building.use(installLeanResponse())
  const metrics = createMetrics()
  const pools = building.use(createPools())
  const table = building.use(await openTable(options, createContext(options, pools, metrics)))
  const server = createGatewayServer(
    (incoming, outgoing, awaitsContinue) => {
      void serve(table.current, log, incoming, outgoing, awaitsContinue)
    },
    log,
    timeouts,
  )
  const render = () => renderMetrics(metrics, table, server)
  // Opened first, so that it is closed last: metrics can be read until the last request has ended.
  const metricsUrl =
    metricsPort === undefined
      ? undefined
      : await open(building, createMetricsServer(render), host, metricsPort)
  let drainMs = 0
  const url = await open(building, server, host, port, () => drainMs)
  building.use(watchFile(file, () => void table.reload(), { log }))
  const owned = building.move()
  let drained: Promise<void> | undefined

  function drain(timeoutMs: number): Promise<void> {
    if (drained === undefined) {
      drainMs = timeoutMs
      drained = owned.disposeAsync()
    }
    return drained
  }

  return { url, metricsUrl, metrics: render, drain, [Symbol.asyncDispose]: () => drain(0) }
}

async function open(
  owner: AsyncDisposableStack,
  server: Server,
  host: string,
  port: number,
  drainMs = () => 0,
): Promise<string> {
  const url = await listen(server, host, port)
  owner.defer(() => closeWithin(server, drainMs()))
  return url
}

async function renderMetrics(metrics: Metrics, table: LiveTable, server: Server): Promise<string> {
  return metrics.render({
    ...table.current.gauges(),
    'apisix_nginx_http_current_connections{state="active"}': await promisify(
      server.getConnections,
    ).call(server),
  })
}

function createContext(
  { inProcess = {}, log, now = () => performance.now() }: GatewayOptions,
  pools: Pools,
  metrics: Metrics,
): Omit<PluginContext, 'keep'> {
  return {
    log,
    now,
    metrics,
    transportTo(url, limits) {
      const service = Object.hasOwn(inProcess, url.host) ? inProcess[url.host] : undefined
      if (service !== undefined) return inProcessTransport(url.host, service)
      return pools.to(url.origin, limits)
    },
  }
}
