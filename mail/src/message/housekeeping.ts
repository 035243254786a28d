import { pause } from '@ego/kit/backoff'
import type { Log } from '@ego/kit/log'
import type { MessageStore, Queue } from './store.ts'

type Options = {
  messages: Pick<MessageStore, 'sweep' | 'measure'>
  log: Pick<Log, 'warn'>
  now: () => number
  everyMs?: number
  keepSettledMs?: number
  batch?: number
}

export type Housekeeping = AsyncDisposable & {
  /** As it was some seconds ago. */
  queue(): Queue
}

const dayMs = 86_400_000

/** Counts what waits, and deletes what was settled long ago; that processes share the batches does no harm. */
export function startHousekeeping(options: Options): Housekeeping {
  const {
    messages,
    log,
    now,
    everyMs = 15_000,
    keepSettledMs = 30 * dayMs,
    batch = 1_000,
  } = options
  const stopping = new AbortController()
  let queue: Queue = { waiting: 0, dead: 0, oldestAt: null }
  const running = run()

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        queue = await messages.measure()
        const swept = await messages.sweep(now() - keepSettledMs, batch)
        if (swept === batch) continue
      } catch (error) {
        log.warn({ err: error }, 'The mail queue was not swept.')
      }
      await pause(everyMs, stopping.signal)
    }
  }

  return {
    queue: () => queue,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}
