import { backoffMs, pause } from '@ego/kit/backoff'
import type { Log } from '@ego/kit/log'
import type { SearchIndex } from './index.ts'
import type { SearchSource } from './source.ts'

type Deps = { source: SearchSource; index: SearchIndex }

/** Makes the index show these posts as they are now; doing it again changes nothing. */
export function project({ source, index }: Deps) {
  return async (postIds: readonly string[]): Promise<void> => {
    const documents = await source.listByIds(postIds)
    const present = new Set(documents.map(({ postId }) => postId))
    await index.put(documents)
    const absent = postIds.filter((postId) => !present.has(postId))
    if (absent.length > 0) await index.remove(absent)
  }
}

const batch = 500
/** For what another process has left behind; the own writes wake it. */
const pollMs = 1_000
const retry = { baseMs: 100, capMs: 5_000 }

export type Projector = AsyncDisposable & { wake(): void }

/** Keeps the index current until it is disposed. While the index is away, what is stale waits. */
export function startProjector({
  source,
  index,
  log,
}: Deps & { log: Pick<Log, 'warn'> }): Projector {
  const stopping = new AbortController()
  const bring = project({ source, index })
  let failures = 0
  let woken = Promise.withResolvers<void>()
  const running = run()

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = Promise.withResolvers()
      try {
        const taken = await source.takeStale(batch, bring)
        failures = 0
        if (taken < batch) await Promise.race([woken.promise, pause(pollMs, stopping.signal)])
      } catch (error) {
        failures += 1
        log.warn({ err: error, failures }, 'the search index is behind; it is tried again')
        await pause(backoffMs(failures, retry), stopping.signal)
      }
    }
  }

  return {
    wake: () => woken.resolve(),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}
