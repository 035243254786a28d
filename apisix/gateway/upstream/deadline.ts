/**
 * Thousands of calls wait at once and nearly all of them end long before their time. A timer for
 * each would cost more than the call; calls of one duration end in the order they began, so one
 * timer that looks at the oldest is enough.
 */
export type Deadlines = {
  /** Returns how to call it off. */
  add(expire: () => void): () => void
}

export function createDeadlines(durationMs: number): Deadlines {
  const waiting = new Set<{ readonly endsAt: number; readonly expire: () => void }>()
  let timer: NodeJS.Timeout | null = null

  function sweep(): void {
    timer = null
    const now = performance.now()
    for (const entry of waiting) {
      if (entry.endsAt > now) {
        arm(entry.endsAt - now)
        return
      }
      waiting.delete(entry)
      entry.expire()
    }
  }

  /** What expires may begin anew, which arms the timer during a sweep: there is only ever one. */
  function arm(ms: number): void {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(sweep, Math.ceil(ms))
    timer.unref()
  }

  return {
    add(expire) {
      const entry = { endsAt: performance.now() + durationMs, expire }
      waiting.add(entry)
      if (timer === null) arm(durationMs)
      return () => waiting.delete(entry)
    },
  }
}
