import { setTimeout as sleep } from 'node:timers/promises'

export type Backoff = { baseMs: number; capMs: number }

/** Doubles up to the cap. The jitter keeps callers that failed together from retrying together. */
export function backoffMs(attempt: number, { baseMs, capMs }: Backoff): number {
  const fullMs = Math.min(capMs, baseMs * 2 ** (attempt - 1))
  return fullMs / 2 + (Math.random() * fullMs) / 2
}

/** Resolves after the time, or as soon as the signal aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {})
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}
