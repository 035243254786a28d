import { backoffMs, pause } from './backoff.ts'
import type { Log } from './log.ts'
import type { Session, Sql, Tx } from './postgres.ts'

export type ListenerOptions = {
  sql: Pick<Sql, 'openSession'>
  log: Pick<Log, 'warn'>
  channel: string
  /** Tells an operator what the connection is for. */
  purpose: string
  /** For the log: what happens instead while nobody tells. */
  lostText: string
  /** Runs each time that listening has begun. Nothing was heard before; nothing is missed from here on. */
  onListening(tx: Tx): Promise<void> | void
  onNotify(payload: string): void
  /** Called as soon as the connection is known to be dead, perhaps more than once. */
  onLost?(): void
  heartbeatMs?: number
  silenceMsMax?: number
}

type Connection = AsyncDisposable & {
  /** Rejects when the connection is lost. */
  stay(stopping: AbortSignal): Promise<void>
}

const retry = { baseMs: 50, capMs: 2_000 }

/**
 * Listens to a channel until it is disposed, over one connection after the other; a heartbeat notices one that died
 * without a word. Resolves once it listens for the first time, and rejects when that fails.
 */
export async function openListener(options: ListenerOptions): Promise<AsyncDisposable> {
  const { log, channel, lostText } = options
  const stopping = new AbortController()
  let connection: Connection | null = await connect(options)
  const running = run()

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        connection ??= await connect(options)
        failures = 0
        await connection.stay(stopping.signal)
      } catch (error) {
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

async function connect(options: ListenerOptions): Promise<Connection> {
  const { purpose, channel, onListening, onNotify, onLost } = options
  const { heartbeatMs = 1_000, silenceMsMax = 2_000 } = options
  const lost = new AbortController()
  const lose = () => {
    if (lost.signal.aborted) return
    lost.abort(new Error('The connection that listens was closed.'))
    onLost?.()
  }
  await using opening = new AsyncDisposableStack()
  const session = opening.use(await options.sql.openSession({ purpose, onNotify, onClose: lose }))
  await session.sql.script(`listen ${channel}`)
  await onListening(session.sql)
  if (lost.signal.aborted) {
    // Said before the caller took what it had loaded for current.
    onLost?.()
    throw lost.signal.reason
  }
  const opened = opening.move()
  return {
    async stay(stopping) {
      const over = AbortSignal.any([stopping, lost.signal])
      try {
        while (!over.aborted) {
          await pause(heartbeatMs, over)
          if (!over.aborted) await expectAnswer(session, silenceMsMax)
        }
        if (!stopping.aborted) lost.signal.throwIfAborted()
      } catch (error) {
        lose()
        throw error
      }
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function expectAnswer(session: Session, silenceMsMax: number): Promise<void> {
  const silence = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => silence.reject(new Error('The connection that listens is silent.')),
    silenceMsMax,
  )
  try {
    await Promise.race([session.sql`select 1`, silence.promise])
  } finally {
    clearTimeout(timer)
  }
}
