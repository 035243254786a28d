import { pause } from '@ego/kit/async/backoff'
import { repeat } from '@ego/kit/async/repeat'
import type { Log } from '@ego/kit/process/log'
import { type Remains, remains, type Step, type SweepStore } from './store.ts'

export type Swept = Record<Remains, number>

type Options = { store: SweepStore; rowsMax?: number; restMs?: number }

const rowsMaxDefault = 1_000
const restMsDefault = 20

/** One sweep, in small steps with a rest after each; `null` when another process is at it. */
export function sweep({ store, rowsMax = rowsMaxDefault, restMs = restMsDefault }: Options) {
  return async (signal?: AbortSignal): Promise<Swept | null> => {
    const swept = { sessions: 0, 'mailed tokens': 0, revocations: 0, 'signing keys': 0 }
    const isOurs = await store.alone(async (steps) => {
      for (const kind of remains) swept[kind] = await sweepKind(steps[kind], signal)
    })
    return isOurs ? swept : null
  }

  async function sweepKind(step: Step, signal?: AbortSignal): Promise<number> {
    let total = 0
    while (!signal?.aborted) {
      const { deleted, isLast } = await step(rowsMax)
      total += deleted
      if (isLast) break
      await pause(restMs, signal)
    }
    return total
  }
}

type Schedule = {
  sweep: ReturnType<typeof sweep>
  log: Pick<Log, 'info' | 'warn'>
  firstAfterMs?: number
  everyMs?: number
}

const minuteMs = 60_000

/** Sweeps a while after the start, so as not to slow it down, and then again and again. */
export function startSweep(schedule: Schedule): AsyncDisposable {
  const { sweep, log, firstAfterMs = minuteMs, everyMs = 10 * minuteMs } = schedule
  return repeat({
    firstAfterMs,
    everyMs,
    async work(signal) {
      const swept = await sweep(signal)
      if (swept && Object.values(swept).some((rows) => rows > 0)) log.info({ swept }, 'swept')
    },
    onError: (error) => log.warn({ err: error }, 'the sweep failed; the next one goes on'),
  })
}
