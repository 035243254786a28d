import { backoffMs, pause } from '@ego/kit/async/backoff'
import { createSignal } from '@ego/kit/async/signal'
import type { Log } from '@ego/kit/process/log'
import type { SearchIndex } from './search-index.ts'
import type { SearchSource, Which } from './source.ts'

type Deps = { source: SearchSource; index: SearchIndex }

/** Makes the index show these posts as they are now; doing it again changes nothing. */
export function project({ source, index }: Deps) {
  return async (postIds: readonly string[]): Promise<void> => {
    if (postIds.length === 0) return
    const documents = await source.listByIds(postIds)
    const present = new Set(documents.map(({ postId }) => postId))
    await index.put(documents)
    const absent = postIds.filter((postId) => !present.has(postId))
    if (absent.length > 0) await index.remove(absent)
  }
}

const batch = 500
/** For what another process has left behind; the own writes wake it. Longer than an idle connection is kept. */
const pollMsDefault = 60_000
/** While another process is at it, which may not see what was written meanwhile. */
const busyPollMs = 50
const retry = { baseMs: 100, capMs: 5_000 }

export type Projector = AsyncDisposable & {
  wake(): void
  /** The oldest stale posts of somebody who waits for them, before those of others. */
  bring(creatorId: number): void
}

type Options = Deps & { log: Pick<Log, 'info' | 'warn'>; pollMs?: number | undefined }

/** Keeps the index current until it is disposed. While the index is away, what is stale waits. */
export function startProjector(options: Options): Projector {
  const { source, index, log, pollMs = pollMsDefault } = options
  const stopping = new AbortController()
  const wakeUp = createSignal()
  const sure = projectUntilSure({ source, index })
  const awaited = new Set<number>()
  let isPrepared = false
  const running = run()

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        const restMs = await takeTurn()
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

  async function takeTurn(): Promise<number> {
    // Also where there is nothing to bring yet, so that the first search of a new platform finds an index.
    if (!isPrepared) await index.check()
    isPrepared = true
    // One batch of each, so that nobody who has much to bring keeps the others waiting.
    const creatorIds = [...awaited]
    awaited.clear()
    for (const creatorId of creatorIds) await take({ limit: batch, creatorId })
    const taken = await take({ limit: batch })
    if (taken === null) return busyPollMs
    return taken < batch ? pollMs : 0
  }

  async function take(which: Which): Promise<number | null> {
    const taken = await source.takeStale(which, sure.project)
    if (taken !== null) sure.forget()
    return taken
  }

  return {
    wake: wakeUp.notify,
    bring(creatorId) {
      awaited.add(creatorId)
      wakeUp.notify()
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      wakeUp.notify()
      await running
    },
  }
}

/**
 * Whoever loses the lock while the index is slow may write after another process has removed: what was under way then is
 * brought again, although that process has forgotten it.
 */
function projectUntilSure(deps: Deps) {
  const bring = project(deps)
  const unsure = new Set<string>()
  return {
    async project(postIds: readonly string[]) {
      for (const postId of postIds) unsure.add(postId)
      await bring([...unsure])
    },
    forget: () => unsure.clear(),
  }
}
