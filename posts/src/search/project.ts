import { backoffMs, pause } from '@ego/kit/async/backoff'
import { createSignal } from '@ego/kit/async/signal'
import type { Log } from '@ego/kit/process/log'
import type { SearchIndex } from './search-index.ts'
import type { SearchSource, Which } from './source.ts'

type Deps = { source: SearchSource; index: SearchIndex }

/** Makes the index show these posts as they are now; doing it again changes nothing. */
export async function project({ source, index }: Deps, postIds: readonly string[]): Promise<void> {
  if (postIds.length === 0) return
  const documents = await source.listByIds(postIds)
  const present = new Set(documents.map(({ postId }) => postId))
  await index.put(documents)
  const absent = postIds.filter((postId) => !present.has(postId))
  if (absent.length > 0) await index.remove(absent)
}

const batchMax = 500
/** For what another process has left behind; the own writes wake it. Longer than an idle connection is kept. */
const pollMsDefault = 60_000
/** While another process is projecting, which may not see what was written meanwhile. */
const busyPollMs = 50
const retry = { baseMs: 100, capMs: 5_000 }

export type Projector = AsyncDisposable & {
  wake(): void
  /** Takes the oldest stale posts of this creator, for whom a search waits, before those of others. */
  prioritize(creatorId: number): void
}

type Options = Deps & { log: Pick<Log, 'info' | 'warn'>; pollMs?: number | undefined }

/** Keeps the index current until it is disposed. While the index is away, what is stale waits. */
export function startProjector(options: Options): Projector {
  const { source, index, log, pollMs = pollMsDefault } = options
  const stopping = new AbortController()
  const wakeUp = createSignal()
  const prioritized = new Set<number>()
  const unsure = new Set<string>()
  let isPrepared = false
  const running = run()

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        const restMs = await projectBatches()
        if (failures > 0) log.info({ failures }, 'The search index is reached again.')
        failures = 0
        if (restMs > 0) await wakeUp.wait(restMs)
      } catch (error) {
        failures += 1
        log.warn({ err: error, failures }, 'The search index is behind.')
        await pause(backoffMs(failures, retry), stopping.signal)
      }
    }
  }

  async function projectBatches(): Promise<number> {
    // Also where nothing is stale yet, so that the first search of a new platform finds an index.
    if (!isPrepared) await index.check()
    isPrepared = true
    // One batch for each, so that a creator of many posts does not keep the others waiting.
    const creatorIds = [...prioritized]
    prioritized.clear()
    for (const creatorId of creatorIds) await projectBatch({ limit: batchMax, creatorId })
    const taken = await projectBatch({ limit: batchMax })
    if (taken === null) return busyPollMs
    return taken < batchMax ? pollMs : 0
  }

  /**
   * A process that loses the lock while the index is slow may write after another process has removed: what was under way
   * then is brought again, although that process has forgotten it.
   */
  async function projectBatch(which: Which): Promise<number | null> {
    const taken = await source.takeStale(which, async (postIds) => {
      for (const postId of postIds) unsure.add(postId)
      await project({ source, index }, [...unsure])
    })
    if (taken !== null) unsure.clear()
    return taken
  }

  return {
    wake: wakeUp.notify,
    prioritize(creatorId) {
      prioritized.add(creatorId)
      wakeUp.notify()
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      wakeUp.notify()
      await running
    },
  }
}
