import { pause } from './backoff.ts'

/**
 * Answers with the result of a run that begins after the question. All who ask meanwhile share it; runs follow one
 * another and begin at most that often, so a flood of questions costs no more than a few.
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
