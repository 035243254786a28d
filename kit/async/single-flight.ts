import { pause } from './backoff.ts'

/**
 * Resolves with the result of a run that begins after the call. Calls made meanwhile share that run. Runs never overlap
 * and begin at least `everyMs` apart, so a flood of calls costs no more than a few.
 */
export function createSingleFlight<T>(work: () => Promise<T>, everyMs: number): () => Promise<T> {
  let begunAtMs = Number.NEGATIVE_INFINITY
  let running: Promise<unknown> = Promise.resolve()
  let upcoming: Promise<T> | null = null

  async function begin(): Promise<T> {
    await running
    const waitMs = begunAtMs + everyMs - performance.now()
    if (waitMs > 0) await pause(waitMs)
    upcoming = null
    begunAtMs = performance.now()
    const run = work()
    running = run.catch(() => {})
    return run
  }

  return () => {
    upcoming ??= begin()
    return upcoming
  }
}
