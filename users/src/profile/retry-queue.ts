import { pause } from '@ego/kit/async/backoff'

type Options = {
  /** Rejects while the store is away. */
  forget(userId: number): Promise<void>
  /** After this time nobody has an old entry any more, forgotten or not. */
  staleMsMax: number
  now: () => number
  retryMs?: number
  owedMax?: number
}

export type OwedForgets = AsyncDisposable & {
  /** Never rejects: what the store does not take is owed, and tried again until it does. */
  forget(userId: number): Promise<void>
  /** Whether the store may hold an entry that should have been forgotten. */
  mayBeStale(userId: number): boolean
}

/** What was changed while the store was away. When it is too much to remember, no entry is trusted for a while. */
export function owedForgets(options: Options): OwedForgets {
  const { forget, staleMsMax, now, retryMs = 1_000, owedMax = 10_000 } = options
  const owed = new Map<number, symbol>()
  let mistrustedUntilMs = Number.NEGATIVE_INFINITY
  let paying: Promise<void> | null = null
  const stopping = new AbortController()

  async function forgetNow(userId: number): Promise<void> {
    const debt = owed.get(userId)
    await forget(userId)
    // Who came to owe it meanwhile did so after a later commit.
    if (owed.get(userId) === debt) owed.delete(userId)
  }

  function owe(userId: number): void {
    if (owed.size < owedMax || owed.has(userId)) owed.set(userId, Symbol())
    else mistrustedUntilMs = now() + staleMsMax
    paying ??= pay()
  }

  async function pay(): Promise<void> {
    const { signal } = stopping
    while (owed.size > 0 && !signal.aborted) {
      await pause(retryMs, signal)
      await payOnce(signal)
    }
    paying = null
  }

  async function payOnce(signal: AbortSignal): Promise<void> {
    try {
      for (const userId of owed.keys()) {
        if (signal.aborted) return
        await forgetNow(userId)
      }
    } catch {
      // It is still away, which whoever asked it has told; the rest is tried with the next round.
    }
  }

  return {
    async forget(userId) {
      try {
        await forgetNow(userId)
      } catch {
        owe(userId)
      }
    },
    mayBeStale: (userId) => owed.has(userId) || now() < mistrustedUntilMs,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await paying
    },
  }
}
