import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkIndex } from '../src/search/check.ts'
import type { SearchIndex } from '../src/search/search-index.ts'
import { startSearch, startWriters, type TestSearch } from './start-search.ts'

let search: TestSearch

beforeAll(async () => {
  search = await startSearch()
})
beforeEach(() => search.clear())
afterAll(() => search[Symbol.asyncDispose]())

async function indexedPosts(count: number): Promise<string[]> {
  await search.writeMany(count, 'word')
  await using _ = search.start()
  await search.indexed()
  return (await search.find('', count)).reverse()
}

const same = { differences: [], different: 0, waiting: 0 }

describe('a check', () => {
  test('of nothing finds no difference', async () => {
    const nothing = { count: 0, digest: 'e3b0c44298fc1c14' }
    expect(await checkIndex(search)).toEqual({ posts: nothing, index: nothing, ...same })
  })

  test('names every kind of difference by the order of the ids, and mends it', async () => {
    const [missing = '', old = '', fine = '', tooNew = '', gone = ''] = await indexedPosts(5)
    const { sql } = search
    await sql`delete from search_document where post_id = ${missing}`
    await sql`update post set revision = 3 where post_id = ${old}`
    await sql`update search_document set revision = 7, words = '' where post_id = ${tooNew}`
    await sql`delete from post where post_id = ${gone}`
    const report = await checkIndex(search)
    expect(report).toMatchObject({
      posts: { count: 4 },
      index: { count: 4 },
      differences: [
        { postId: missing, posts: 1, index: null },
        { postId: old, posts: 3, index: 1 },
        { postId: tooNew, posts: 1, index: 7 },
        { postId: gone, posts: null, index: 1 },
      ],
      different: 4,
      waiting: 0,
    })
    expect(report.posts.digest).not.toBe(report.index.digest)
    expect(await search.find('word')).toEqual([tooNew, fine, old, missing])
    const again = await checkIndex(search)
    expect(again).toEqual({ posts: report.posts, index: report.posts, ...same })
  })

  test('finds all differences of many pages and names the first ones', async () => {
    const postIds = await indexedPosts(2_500)
    await search.sql`delete from search_document where post_id > ${postIds[9] ?? ''}`
    const report = await checkIndex(search)
    expect(report).toMatchObject({
      posts: { count: 2_500 },
      index: { count: 10 },
      different: 2_490,
    })
    expect(report.differences.map(({ postId }) => postId)).toEqual(postIds.slice(10, 30))
    await search.sql`delete from post where post_id > ${postIds[9] ?? ''}`
    expect(await checkIndex(search)).toMatchObject({
      posts: { count: 10 },
      index: { count: 2_500 },
      different: 2_490,
    })
    expect(await checkIndex(search)).toMatchObject({ index: { count: 10 }, ...same })
  })

  test('leaves what has just changed to the projector', async () => {
    const [edited = '', gone = ''] = await indexedPosts(2)
    const change = { creatorId: 1, revisions: null }
    await search.posts.edit({ postId: edited, ...change }, { textContent: 'changed' }, 'request')
    await search.posts.delete({ postId: gone, ...change }, 'request')
    await search.write('new')
    const nothing = { count: 0 }
    expect(await checkIndex(search)).toMatchObject({ posts: nothing, index: nothing, waiting: 3 })
    expect(await search.find('changed')).toEqual([])
  })

  test('keeps the projector from bringing what it has not read', async () => {
    await indexedPosts(1)
    let taken: number | null = 0
    const list: SearchIndex['list'] = async (...page) => {
      taken = await search.source.takeStale({ limit: 1 }, async () => {})
      return search.index.list(...page)
    }
    await checkIndex({ ...search, index: { ...search.index, list } })
    expect(taken).toBeNull()
  })

  test('mends nothing away while posts are written', async () => {
    await indexedPosts(1_200)
    await using _ = search.start()
    const writers = startWriters(search)
    for (let checks = 0; checks < 15; checks += 1) {
      expect(await checkIndex(search)).toMatchObject({ differences: [] })
    }
    expect(await writers.stop()).toBeGreaterThan(0)
    await search.indexed()
    const report = await checkIndex(search)
    expect(report).toMatchObject(same)
    expect(report.index).toEqual(report.posts)
  })
})
