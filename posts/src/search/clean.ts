import { StartError } from '@ego/kit/process/start-error'
import type { SearchIndex } from './search-index.ts'
import type { SearchSource } from './source.ts'

type Deps = { source: Pick<SearchSource, 'lockRebuild'>; index: Pick<SearchIndex, 'dropLeft'> }

/** Drops what rebuilds have left, wherever they ran; one that is under way has the lock and is not disturbed. */
export async function cleanIndex({ source, index }: Deps): Promise<string[]> {
  await using lock = await source.lockRebuild()
  if (!lock) {
    throw new StartError('The index is being rebuilt: what is left is dropped once that has ended.')
  }
  return index.dropLeft()
}
