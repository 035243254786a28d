import { StartError } from '@ego/kit/process/start-error'
import type { SearchIndex } from './search-index.ts'
import type { SearchSource } from './source.ts'

type Deps = { source: SearchSource; index: SearchIndex }
type RebuildDeps = Deps & { onProgress?: (posts: number) => void }

const batch = 1_000

/** Builds the index anew beside the one in use, and switches. Answers how many posts it holds. */
export async function rebuildIndex({ source, index, onProgress }: RebuildDeps): Promise<number> {
  await using lock = await source.lockRebuild()
  if (!lock) throw new StartError('The index is being rebuilt already: wait until that has ended.')
  const rebuild = await index.beginRebuild()
  let posts = 0
  let after: string | null = null
  for (;;) {
    const documents = await source.list(after, batch)
    const last = documents.at(-1)
    if (!last) break
    await rebuild.fill(documents)
    const postIds = documents.map(({ postId }) => postId)
    await removeGone({ source, index }, postIds)
    posts += documents.length
    after = last.postId
    onProgress?.(posts)
  }
  await rebuild.finish()
  return posts
}

/** Drops what rebuilds have left, wherever they ran; one that is under way has the lock and is not disturbed. */
export async function cleanIndex({ source, index }: Deps): Promise<string[]> {
  await using lock = await source.lockRebuild()
  if (!lock) {
    throw new StartError('The index is being rebuilt: what is left is dropped once that has ended.')
  }
  return index.dropLeft()
}

/**
 * What was deleted after it was read here, and before it was written, would be found for ever. Nothing is projected
 * meanwhile: what has just come back must not be removed.
 */
async function removeGone({ source, index }: Deps, postIds: string[]): Promise<void> {
  await source.exclusively(async () => {
    const present = new Set(await source.listPresent(postIds))
    const gone = postIds.filter((postId) => !present.has(postId))
    if (gone.length > 0) await index.remove(gone)
  })
}
