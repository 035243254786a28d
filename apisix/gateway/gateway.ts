import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { type CompileContext, compile, type Table } from './compile.ts'
import { installLeanResponse } from './lean-response.ts'
import { loadGatewayFile } from './load.ts'
import { createMetrics } from './metrics.ts'
import { serve } from './serve.ts'
import { createGatewayServer } from './server.ts'
import type { Environment } from './source.ts'
import { createPools } from './transport-http.ts'
import { inProcessTransport, type Service } from './transport-in-process.ts'
import { watchFile } from './watch.ts'

/** Services of this process by the name their node has in apisix.yaml, such as `auth:3001`. */
export type InProcess = Record<string, Service>

export type GatewayOptions = {
  readonly file: string
  readonly environment: Environment
  readonly host: string
  readonly port: number
  readonly inProcess?: InProcess
  readonly log: Logger
  readonly now?: () => number
}

export type Gateway = AsyncDisposable & {
  readonly url: string
  /** Prometheus text. */
  metrics(): Promise<string>
  /** Takes no more connections, lets requests finish, and cuts those that do not in time. */
  drain(timeoutMs: number): Promise<void>
}

/** Listens once the file has proved good; rejects with its problems, or with the listen error. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  if (Object.keys(options.inProcess ?? {}).length > 0) installLeanResponse()
  const pools = createPools()
  const metrics = createMetrics()
  const context = createContext(options, pools, metrics)
  let table = compile(await loadGatewayFile(options.file, options.environment), context)
  const server = createGatewayServer((incoming, outgoing, awaitsContinue) => {
    void serve(table, options.log, incoming, outgoing, awaitsContinue)
  })
  await listen(server, options)
  const watcher = watchFile(options.file, async () => {
    table = await reload(table, options, context)
  })

  async function drain(timeoutMs: number): Promise<void> {
    watcher[Symbol.dispose]()
    await closeWithin(server, timeoutMs)
    table[Symbol.dispose]()
    await pools[Symbol.asyncDispose]()
  }

  return {
    url: urlOf(server, options.host),
    metrics: async () =>
      metrics.render({
        ...table.gauges(),
        'apisix_nginx_http_current_connections{state="active"}': await countConnections(server),
      }),
    drain,
    [Symbol.asyncDispose]: () => drain(0),
  }
}

function createContext(
  { inProcess = {}, log, now = Date.now }: GatewayOptions,
  pools: ReturnType<typeof createPools>,
  metrics: ReturnType<typeof createMetrics>,
): CompileContext {
  const kept = new Map<string, unknown>()
  return {
    log,
    now,
    metrics,
    transportTo(url, limits) {
      const service = Object.hasOwn(inProcess, url.host) ? inProcess[url.host] : undefined
      if (service !== undefined) return inProcessTransport(url.host, service)
      return pools.to(url.origin, limits)
    },
    keep<T>(name: string, create: () => T): T {
      if (!kept.has(name)) kept.set(name, create())
      return kept.get(name) as T
    },
  }
}

/** A bad file changes nothing: requests go on by the last good one. */
async function reload(
  current: Table,
  { file, environment, log }: GatewayOptions,
  context: CompileContext,
): Promise<Table> {
  try {
    const next = compile(await loadGatewayFile(file, environment), context)
    current[Symbol.dispose]()
    log.info({ file }, 'routes re-read')
    return next
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error)
    log.error(`The old routes stay in force: ${reason}`)
    return current
  }
}

async function listen(server: Server, { host, port }: GatewayOptions): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

const IDLE_CHECK_MS = 20

/** A kept-alive connection becomes idle only after its last answer, so the look is repeated. */
async function closeWithin(server: Server, timeoutMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS)
  const timer = setTimeout(() => server.closeAllConnections(), timeoutMs)
  await closed
  clearInterval(sweep)
  clearTimeout(timer)
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count ?? 0)))
}
