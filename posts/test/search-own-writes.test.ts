import { setTimeout } from 'node:timers/promises'
import { connectPostgres } from '@ego/kit/postgres/postgres'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { checkIndex } from '../src/search/check.ts'
import { searchPosts } from '../src/search/search.ts'
import type { SearchIndex } from '../src/search/search-index.ts'
import { postgresSource } from '../src/search/source-postgres.ts'
import { startSearch, type TestSearch } from './start-search.ts'

let search: TestSearch

beforeAll(async () => {
  search = await startSearch()
})
beforeEach(() => search.clear())
afterAll(() => search[Symbol.asyncDispose]())

async function isRight() {
  expect(await search.stale()).toEqual([])
  expect(await checkIndex(search)).toMatchObject({ different: 0, waiting: 0 })
}

const own = { q: 'mine', creatorId: null, since: null, until: null, limit: 20 }

test('own writes are found at once, also when another process is projecting', async () => {
  await using other = connectPostgres({ url: search.url })
  await using projector = search.start()
  let polls = 0
  const deps = {
    ...search,
    prioritize: projector.prioritize,
    sleep: (ms: number) => {
      polls += 1
      return setTimeout(ms)
    },
  }
  const release = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const busy = postgresSource(other).exclusively(async () => {
    held.resolve()
    await release.promise
  })
  await held.promise
  await search.write('mine')
  let isAnswered = false
  const answer = searchPosts(deps, { ...own, sort: 'newest', viewerId: 1 }).finally(() => {
    isAnswered = true
  })
  await expect.poll(() => polls).toBeGreaterThan(5)
  expect(isAnswered).toBe(false)
  release.resolve()
  await busy
  expect((await answer).items).toHaveLength(1)
})

test('own writes are found before the backlog of others is', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let batches = 0
  const put: SearchIndex['put'] = async (documents) => {
    if (documents.length > 1) {
      batches += 1
      await gates[batches - 1]?.promise
    }
    await search.index.put(documents)
  }
  await search.writeMany(1_200, 'backlog', 70)
  const postId = await search.write('mine')
  await using projector = search.start({ index: { ...search.index, put } })
  await expect.poll(() => batches).toBe(1)
  const sleep = (ms: number) => {
    gates[0]?.resolve()
    return setTimeout(ms)
  }
  const deps = { ...search, prioritize: projector.prioritize, sleep }
  const { items } = await searchPosts(deps, { ...own, sort: 'newest', viewerId: 1 })
  expect(items.map(({ post }) => post.postId)).toEqual([postId])
  expect((await search.stale()).length).toBeGreaterThan(500)
  gates[1]?.resolve()
  await search.indexed()
  await isRight()
})

test('a member who waits for many posts does not keep the others waiting', async () => {
  const order: number[] = []
  const put: SearchIndex['put'] = async (documents) => {
    order.push(documents[0]?.creatorId ?? 0)
    // As a search that waits does, again and again.
    for (const creatorId of [1, 2]) projector.prioritize(creatorId)
    await search.index.put(documents)
  }
  await search.writeMany(1_200, 'backlog', 3)
  await search.writeMany(1_200, 'many', 1)
  await search.write('mine', 2)
  const projector = search.start({ index: { ...search.index, put } })
  await using _ = projector
  await search.indexed()
  expect(order.slice(0, 4)).toEqual([3, 1, 2, 3])
  await isRight()
})
