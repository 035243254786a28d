import { backoffMs, pause } from '@ego/kit/async/backoff'
import { withTimeout } from '@ego/kit/async/timeout'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import type { Log } from '@ego/kit/process/log'

export type ListenerOptions = {
  sql: Pick<Sql, 'openSession'>
  log: Pick<Log, 'warn'>
  channel: string
  /** Tells an operator what the connection is for. */
  purpose: string
  /** For the log: what happens instead while the connection is lost. */
  lostText: string
  /**
   * Runs each time that listening has begun: nothing is missed from here on. When it takes too long, the connection is
   * replaced.
   */
  onListening(tx: Tx): Promise<void> | void
  onNotify(payload: string): void
  /** Called as soon as the connection is known to be dead, perhaps more than once. */
  onLost?(): void
  heartbeatMs?: number
  silenceMsMax?: number
  beginMsMax?: number
}

type Connection = AsyncDisposable & {
  /** Resolves after one answered heartbeat, or when it is time to stop; rejects when the connection is lost. */
  beat(): Promise<void>
}

const retry = { baseMs: 50, capMs: 2_000 }
const heartbeatMsDefault = 1_000
const silenceMsMaxDefault = 2_000
const beginMsMaxDefault = 5_000

/**
 * Listens to a channel until it is disposed, over one connection after the other; a heartbeat notices one that died
 * silently. Resolves once it listens for the first time, and rejects when that fails.
 */
export async function openListener(options: ListenerOptions): Promise<AsyncDisposable> {
  const { log, channel, lostText } = options
  const stopping = new AbortController()
  let connection: Connection | null = await connect(options, stopping.signal)
  const running = run()

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        connection ??= await connect(options, stopping.signal)
        await connection.beat()
        failures = 0
      } catch (error) {
        if (stopping.signal.aborted) break
        failures += 1
        log.warn({ err: error, failures, channel }, lostText)
        await connection?.[Symbol.asyncDispose]()
        connection = null
        await pause(backoffMs(failures, retry), stopping.signal)
      }
    }
    await connection?.[Symbol.asyncDispose]()
  }

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

async function connect(options: ListenerOptions, stopping: AbortSignal): Promise<Connection> {
  const { sql, purpose, channel, onListening, onNotify, onLost } = options
  const { heartbeatMs = heartbeatMsDefault, silenceMsMax = silenceMsMaxDefault } = options
  const lost = new AbortController()
  const lose = () => {
    if (lost.signal.aborted) return
    lost.abort(new Error('The connection that listens was closed.'))
    onLost?.()
  }
  await using opening = new AsyncDisposableStack()
  const session = opening.use(await sql.openSession({ purpose, onNotify, onClose: lose }))
  const begin = async () => {
    await session.sql.script(`listen ${channel}`)
    await onListening(session.sql)
  }
  await withTimeout(options.beginMsMax ?? beginMsMaxDefault, begin(), stopping)
  if (lost.signal.aborted) {
    // Once more, because the caller may have marked what it loaded as current since.
    onLost?.()
    throw lost.signal.reason
  }
  const opened = opening.move()
  const over = AbortSignal.any([stopping, lost.signal])
  return {
    async beat() {
      await pause(heartbeatMs, over)
      if (stopping.aborted) return
      lost.signal.throwIfAborted()
      try {
        await withTimeout(silenceMsMax, session.sql`select 1`, stopping)
      } catch (error) {
        lose()
        throw error
      }
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
