import { pause } from './backoff.ts'

type Repetition = {
  /** From the end of one run to the start of the next. */
  everyMs: number
  firstAfterMs?: number
  /** The signal aborts when it is time to stop; disposing waits for the current run. */
  work(signal: AbortSignal): Promise<void> | void
  /** The next run still takes place. */
  onError(error: unknown): void
}

/** Repeats the work until it is disposed, never twice at once. */
export function repeat(repetition: Repetition): AsyncDisposable {
  const { everyMs, firstAfterMs = everyMs, work, onError } = repetition
  const stopping = new AbortController()
  const running = run(stopping.signal)

  async function run(signal: AbortSignal): Promise<void> {
    await pause(firstAfterMs, signal)
    while (!signal.aborted) {
      try {
        await work(signal)
      } catch (error) {
        onError(error)
      }
      await pause(everyMs, signal)
    }
  }

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}
