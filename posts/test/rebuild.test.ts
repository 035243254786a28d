import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkIndex } from '../src/search/check.ts'
import { rebuildIndex } from '../src/search/rebuild.ts'
import type { Rebuild, SearchIndex } from '../src/search/search-index.ts'
import { startSearch, startWriters, type TestSearch } from './start-search.ts'

let search: TestSearch

beforeAll(async () => {
  search = await startSearch()
})
beforeEach(() => search.clear())
afterAll(() => search[Symbol.asyncDispose]())

/** The index with something done before each batch of a rebuild. */
function filling(before: (fill: number) => Promise<void>): SearchIndex {
  return {
    ...search.index,
    async beginRebuild(): Promise<Rebuild> {
      const rebuild = await search.index.beginRebuild()
      let fills = 0
      return {
        ...rebuild,
        async fill(documents) {
          fills += 1
          await before(fills)
          await rebuild.fill(documents)
        },
      }
    },
  }
}

const generations = async () => [
  ...(await search.sql`
    select distinct generation, is_live
    from search_document
    full join search_generation using (generation)
    order by generation`),
]

async function indexedPosts(count: number, text: string): Promise<void> {
  await search.writeMany(count, text)
  await using _ = search.start()
  await search.indexed()
}

describe('a rebuild', () => {
  test('misses nothing while posts are written, and neither do searches meanwhile', async () => {
    await indexedPosts(3_000, 'kept')
    const [before] = await generations()
    await using _ = search.start()
    const writers = startWriters(search)
    let isRunning = true
    const counts: number[] = []
    const polling = (async () => {
      while (isRunning) counts.push((await search.find('kept', 5_000)).length)
    })()
    expect(await rebuildIndex(search)).toBeGreaterThanOrEqual(3_000)
    isRunning = false
    await polling
    expect(await writers.stop()).toBeGreaterThan(0)
    expect(counts.length).toBeGreaterThan(1)
    expect(new Set(counts)).toEqual(new Set([3_000]))
    await search.indexed()
    expect(await checkIndex(search)).toMatchObject({ different: 0, waiting: 0 })
    const after = await generations()
    expect(after).toHaveLength(1)
    expect(after).not.toEqual([before])
  })

  test('does not bring back what is deleted between reading and writing it', async () => {
    const postId = await search.write('gone')
    await using _ = search.start()
    await search.indexed()
    const index = filling(async () => {
      await search.posts.delete({ postId, creatorId: 1, revisions: null }, 'request')
      await search.indexed()
    })
    await rebuildIndex({ ...search, index })
    expect(await search.find('')).toEqual([])
  })

  test('that breaks off leaves the index in use, and the next one cleans up', async () => {
    await indexedPosts(1_500, 'kept')
    const [live] = await generations()
    const index = filling(async (fill) => {
      if (fill === 2) throw new Error('killed')
    })
    await expect(rebuildIndex({ ...search, index })).rejects.toThrow('killed')
    expect(await generations()).toEqual([live, expect.objectContaining({ is_live: false })])
    expect(await search.find('kept', 2_000)).toHaveLength(1_500)
    expect(await rebuildIndex(search)).toBe(1_500)
    expect(await generations()).toEqual([expect.objectContaining({ is_live: true })])
    expect(await search.find('kept', 2_000)).toHaveLength(1_500)
  })

  test('says so while another one is under way', async () => {
    await search.write('word')
    const index = filling(async () => {
      await expect(rebuildIndex(search)).rejects.toThrow(
        'The index is being rebuilt already: wait until that has ended.',
      )
    })
    expect(await rebuildIndex({ ...search, index })).toBe(1)
    expect(await rebuildIndex(search)).toBe(1)
  })

  test('that another one has dropped cannot take the place of the index', async () => {
    await indexedPosts(1, 'kept')
    const dropped = await search.index.beginRebuild()
    await search.index.beginRebuild()
    await expect(dropped.finish()).rejects.toThrow('Another rebuild has dropped this one.')
    expect(await search.find('kept')).toHaveLength(1)
  })
})
