import { pause } from '@ego/kit/async/backoff'
import { repeat } from '@ego/kit/async/repeat'
import type { Log } from '@ego/kit/process/log'

const kinds = ['sessions', 'mail tokens', 'revocations', 'signing keys'] as const

/** What has expired and only takes up room. */
export type Expired = (typeof kinds)[number]

/** Looks at up to so many rows and deletes the expired ones; `isLast` when there is nothing more to look at. */
export type Step = (rowsMax: number) => Promise<{ deleted: number; isLast: boolean }>

export type SweepStore = {
  /**
   * Runs the work in one process at a time; returns `false`, without running it, while another process does it. Each step
   * is short and never waits for a locked row: that one is left for the next sweep.
   */
  alone(work: (steps: Readonly<Record<Expired, Step>>) => Promise<void>): Promise<boolean>
}

export type Swept = Record<Expired, number>

type Options = { store: SweepStore; rowsMax?: number; restMs?: number; signal?: AbortSignal }

/** One sweep, in small steps with a rest after each; returns `null` while another process sweeps. */
export async function sweep(options: Options): Promise<Swept | null> {
  const swept = { sessions: 0, 'mail tokens': 0, revocations: 0, 'signing keys': 0 }
  const isOurs = await options.store.alone(async (steps) => {
    for (const kind of kinds) swept[kind] = await sweepKind(steps[kind], options)
  })
  return isOurs ? swept : null
}

async function sweepKind(step: Step, { rowsMax = 1_000, restMs = 20, signal }: Options) {
  let total = 0
  while (!signal?.aborted) {
    const { deleted, isLast } = await step(rowsMax)
    total += deleted
    if (isLast) break
    await pause(restMs, signal)
  }
  return total
}

type Schedule = {
  sweep: (signal: AbortSignal) => Promise<Swept | null>
  log: Pick<Log, 'info' | 'warn'>
  firstAfterMs?: number
  everyMs?: number
}

const minuteMs = 60_000

/** Sweeps for the first time a while after the start, so as not to slow it down. */
export function startSweep(schedule: Schedule): AsyncDisposable {
  const { sweep, log, firstAfterMs = minuteMs, everyMs = 10 * minuteMs } = schedule
  return repeat({
    firstAfterMs,
    everyMs,
    async work(signal) {
      const swept = await sweep(signal)
      if (swept && Object.values(swept).some((rows) => rows > 0)) log.info({ swept }, 'swept')
    },
    onError: (error) => log.warn({ err: error }, 'the sweep failed; the next one continues'),
  })
}
