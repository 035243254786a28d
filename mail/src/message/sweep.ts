import { repeat } from '@ego/kit/async/repeat'
import type { Log } from '@ego/kit/process/log'
import type { MessageStore } from './store.ts'

type Options = {
  messages: Pick<MessageStore, 'sweep'>
  log: Pick<Log, 'warn'>
  now: () => number
  batch?: number
}

const everyMs = 15_000
const settledMsKept = 30 * 86_400_000

/** Deletes what was settled long ago; several processes may share the batches. */
export function startSweep({ messages, log, now, batch = 1_000 }: Options): AsyncDisposable {
  return repeat({
    everyMs,
    firstAfterMs: 0,
    async work(signal) {
      let swept = batch
      while (swept === batch && !signal.aborted) {
        swept = await messages.sweep(now() - settledMsKept, batch)
      }
    },
    onError: (error) => log.warn({ err: error }, 'The mail queue was not swept.'),
  })
}
