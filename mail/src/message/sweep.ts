import { repeat } from '@ego/kit/async/repeat'
import type { Log } from '@ego/kit/process/log'
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
  let queue: Queue = { waiting: 0, dead: 0, oldestAt: null }
  const running = repeat({
    everyMs,
    firstAfterMs: 0,
    async work(signal) {
      let swept = batch
      while (swept === batch && !signal.aborted) {
        queue = await messages.measure()
        swept = await messages.sweep(now() - keepSettledMs, batch)
      }
    },
    onError: (error) => log.warn({ err: error }, 'The mail queue was not swept.'),
  })
  return Object.assign(running, { queue: () => queue })
}
