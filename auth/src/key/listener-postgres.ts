import { backoffMs, pause } from '@ego/kit/backoff'
import type { Log } from '@ego/kit/log'
import type { Sql } from '@ego/kit/postgres'

type Options = {
  sql: Sql
  log: Pick<Log, 'warn'>
  channel: string
  /** Tells an operator what the connection is for. */
  purpose: string
  onNotify: () => void
}

const retry = { baseMs: 50, capMs: 2_000 }

/** Listens until it is disposed. It calls back also whenever it begins to listen: before that it heard nothing. */
export function startListener({ sql, log, channel, purpose, onNotify }: Options): AsyncDisposable {
  const stopping = new AbortController()
  let failures = 0
  const running = run()

  async function listen(): Promise<void> {
    const over = Promise.withResolvers<void>()
    stopping.signal.addEventListener('abort', () => over.resolve(), { once: true })
    await using session = await sql.openSession({ purpose, onNotify, onClose: over.resolve })
    await session.sql.script(`listen ${channel}`)
    failures = 0
    onNotify()
    await over.promise
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await listen()
        if (stopping.signal.aborted) return
        throw new Error('The connection that listens was closed.')
      } catch (error) {
        failures += 1
        log.warn({ err: error, failures, channel }, 'nobody tells of changes; they are polled for')
        await pause(backoffMs(failures, retry), stopping.signal)
      }
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}
