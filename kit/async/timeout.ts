import { pause } from './backoff.ts'
import { unavailable } from './unavailable.ts'

/**
 * Settles like the work, but rejects as unavailable after `ms`, or as soon as the signal aborts. The work itself continues,
 * and its later result is ignored.
 */
export async function withTimeout<T>(
  ms: number,
  work: Promise<T>,
  stopping?: AbortSignal,
): Promise<T> {
  const settled = new AbortController()
  const { signal } = settled
  try {
    return await Promise.race([
      work,
      lateAfter(ms, stopping ? AbortSignal.any([signal, stopping]) : signal),
    ])
  } finally {
    settled.abort()
  }
}

async function lateAfter(ms: number, signal: AbortSignal): Promise<never> {
  await pause(ms, signal)
  throw unavailable('There was no answer in time.')
}
