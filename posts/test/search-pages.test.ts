import { Problem } from '@ego/kit/http/problem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { project } from '../src/search/project.ts'
import { type SearchDeps, type SearchRequest, searchPosts } from '../src/search/search.ts'
import type { SearchIndex, Sort } from '../src/search/search-index.ts'
import { startSearch, type TestSearch } from './start-search.ts'

let search: TestSearch
const sorts = new Set<Sort>()
let deps: SearchDeps

beforeAll(async () => {
  search = await startSearch()
  const sleep = async () => {}
  const index: SearchIndex = {
    ...search.index,
    search(wanted) {
      sorts.add(wanted.sort)
      return search.index.search(wanted)
    },
  }
  deps = { ...search, index, prioritize: () => {}, sleep }
  await search.writeMany(2_050, 'frequent')
  await search.source.takeStale({ limit: 3_000 }, (postIds) => project(search, postIds))
})
afterAll(() => search[Symbol.asyncDispose]())

const ask = (request: SearchRequest) => searchPosts(deps, request)
const asked: SearchRequest = {
  q: '',
  creatorId: null,
  since: null,
  until: null,
  sort: 'relevance',
  limit: 50,
  viewerId: null,
}

test.each(['', '-rare'])('a search for %j by relevance is by time, to the end', async (q) => {
  sorts.clear()
  const found: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof ask>> = await ask({
      ...asked,
      q,
      creatorId: 1,
      ...(cursor !== null && { cursor }),
    })
    found.push(...page.items.map(({ post }) => post.postId))
    cursor = page.nextCursor
  } while (cursor !== null)
  expect(found).toEqual(await search.find('', 3_000))
  expect(found).toHaveLength(2_050)
  // No engine needs to rank what has no words.
  expect([...sorts]).toEqual(['newest'])
})

describe.each(['newest', 'relevance'] as const)('a cursor of a search by %s', (sort) => {
  const first = { ...asked, q: 'frequent', creatorId: 1, sort, until: new Date('9999-01-01') }

  async function next(changes: Partial<SearchRequest>) {
    const { nextCursor } = await ask(first)
    return ask({ ...first, cursor: nextCursor ?? '', ...changes })
  }

  test('serves the same search, also for another viewer and limit', async () => {
    expect((await next({ viewerId: 9, limit: 7 })).items).toHaveLength(7)
  })

  test.each<[string, Partial<SearchRequest>]>([
    ['other words', { q: 'frequently' }],
    ['no words', { q: '' }],
    ['the other order', { sort: sort === 'newest' ? 'relevance' : 'newest' }],
    ['another writer', { creatorId: 2 }],
    ['all writers', { creatorId: null }],
    ['a beginning', { since: new Date(0) }],
    ['another end', { until: new Date('9998-01-01') }],
    ['an end as beginning', { since: first.until, until: null }],
  ])('is refused by a search with %s', async (_, changes) => {
    const refused: unknown = await next(changes).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Problem)
    expect(refused).toMatchObject({ status: 422, code: 'validation_failed' })
  })
})
