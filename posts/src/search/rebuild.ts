import type { SearchIndex } from './index.ts'
import type { SearchSource } from './source.ts'

type Deps = { source: SearchSource; index: SearchIndex; onProgress?: (posts: number) => void }

const batch = 2_000

/** Builds the index anew beside the one in use, and switches. Answers how many posts it holds. */
export async function rebuildIndex({ source, index, onProgress }: Deps): Promise<number> {
  const rebuild = await index.beginRebuild()
  let posts = 0
  let after: string | null = null
  for (;;) {
    const documents = await source.list(after, batch)
    const last = documents.at(-1)
    if (!last) break
    await rebuild.fill(documents)
    await removeGone(
      { source, index },
      documents.map(({ postId }) => postId),
    )
    posts += documents.length
    after = last.postId
    onProgress?.(posts)
  }
  await rebuild.finish()
  return posts
}

/** What was deleted after it was read here, and before it was written, would be found for ever. */
async function removeGone({ source, index }: Deps, postIds: string[]): Promise<void> {
  const present = new Set((await source.listByIds(postIds)).map(({ postId }) => postId))
  const gone = postIds.filter((postId) => !present.has(postId))
  if (gone.length > 0) await index.remove(gone)
}
