import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { connectPostgres } from '@ego/kit/postgres/postgres'
import { createLog } from '@ego/kit/process/log'
import { testIdentity, testIssuer } from '@ego/kit/testing/identity'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { checkIndex } from '../src/search/check.ts'
import { project } from '../src/search/project.ts'
import { searchPosts } from '../src/search/search.ts'
import type { SearchIndex } from '../src/search/search-index.ts'
import { postgresIndex } from '../src/search/search-index-postgres.ts'
import { postgresSource } from '../src/search/source-postgres.ts'
import { wirePosts } from '../src/wire.ts'
import { anEvent } from './start-posts.ts'
import { startSearch, startWriters, type TestSearch } from './start-search.ts'

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

describe('the projector', () => {
  test('brings what is created, edited and deleted', async () => {
    await using projector = search.start()
    const [kept, edited, gone] = [
      await search.write('one'),
      await search.write('one'),
      await search.write('one'),
    ]
    projector.wake()
    await search.indexed()
    expect(await search.find('one')).toEqual([gone, edited, kept])
    const change = { creatorId: 1, revisions: null }
    await search.posts.edit({ postId: edited, ...change }, { textContent: 'two' }, 'request')
    await search.posts.delete({ postId: gone, ...change }, 'request')
    projector.wake()
    await search.indexed()
    expect(await search.find('one')).toEqual([kept])
    expect(await search.find('two')).toEqual([edited])
    await isRight()
  })

  test('that ends before it has forgotten what it wrote does it again', async () => {
    const postId = await search.write('again')
    const taken = search.source.takeStale({ limit: 10 }, async (postIds) => {
      await project(search, postIds)
      throw new Error('killed')
    })
    await expect(taken).rejects.toThrow('killed')
    expect(await search.find('again')).toEqual([postId])
    expect(await search.stale()).toEqual([{ post_id: postId }])
    await using _ = search.start()
    await search.indexed()
    expect(await search.find('again')).toEqual([postId])
    await isRight()
  })

  test('may run twice while three people write', async () => {
    await using other = connectPostgres({ url: search.url })
    await using _first = search.start()
    await using _second = search.start({
      source: postgresSource(other),
      index: postgresIndex(other),
    })
    const writers = startWriters(search)
    await expect
      .poll(() => search.sql`select 1 from post limit 150`, { timeout: 10_000 })
      .toHaveLength(150)
    expect(await writers.stop()).toBeGreaterThan(150)
    await search.indexed()
    await isRight()
  })

  test('drains five thousand posts in batches', async () => {
    const sizes: number[] = []
    const put: SearchIndex['put'] = async (documents) => {
      sizes.push(documents.length)
      await search.index.put(documents)
    }
    await search.writeMany(5_000, 'many')
    await using _ = search.start({ index: { ...search.index, put } })
    await search.indexed()
    expect(sizes).toEqual(Array.from({ length: 10 }, () => 500))
    await isRight()
  })
})

describe('an index that is away', () => {
  test('loses nothing, lets searches through after a while, and is caught up with', async () => {
    let isAway = true
    let tries = 0
    const put: SearchIndex['put'] = async (documents) => {
      tries += 1
      if (isAway) throw new Error('away')
      await search.index.put(documents)
    }
    await using projector = search.start({ index: { ...search.index, put } })
    const postId = await search.write('mine')
    projector.wake()
    let sleptMs = 0
    const sleep = async (ms: number) => {
      sleptMs += ms
    }
    const deps = { ...search, prioritize: projector.prioritize, sleep }
    const found = await searchPosts(deps, { ...own, sort: 'newest', viewerId: 1 })
    expect(found.items).toEqual([])
    expect(sleptMs).toBeGreaterThan(500)
    expect(sleptMs).toBeLessThanOrEqual(2_000)
    await expect.poll(() => tries).toBeGreaterThan(1)
    expect(await search.stale()).toEqual([{ post_id: postId }])
    isAway = false
    await search.indexed()
    expect(await search.find('mine')).toEqual([postId])
    await isRight()
  })

  test('so long that the lock is lost does not bring back what was deleted meanwhile', async () => {
    await using slow = connectPostgres({ url: search.url, applicationName: 'slow' })
    const [arrived, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const put: SearchIndex['put'] = async (documents) => {
      arrived.resolve()
      await release.promise
      await search.index.put(documents)
    }
    const postId = await search.write('ghost')
    await using _slow = search.start({
      source: { ...search.source, takeStale: postgresSource(slow).takeStale },
      index: { ...search.index, put },
    })
    await arrived.promise
    await search.terminate('slow')
    await search.posts.delete({ postId, creatorId: 1, revisions: null }, 'request')
    {
      await using _other = search.start()
      await search.indexed()
    }
    release.resolve()
    const documents = () => search.sql`select 1 from search_document`
    await expect.poll(documents, { interval: 1 }).toHaveLength(1)
    await expect.poll(documents, { timeout: 5_000 }).toHaveLength(0)
    await isRight()
  })
})

test('a text on its way does not arrive after its removal', async () => {
  const postId = await search.write('late')
  const documents = await search.source.listByIds([postId])
  let put: Promise<void> | undefined
  let removed: Promise<void> | undefined
  // A document refers to its generation, so writing one waits while another transaction has locked that.
  await search.sql.begin(async (tx) => {
    await tx`select 1 from search_generation for update`
    put = search.index.put(documents)
    await expect.poll(() => waiting('search_document')).toBe(1)
    removed = search.index.remove([postId])
    await Promise.race([removed, expect.poll(() => waiting('advisory')).toBe(1)])
  })
  await Promise.all([put, removed])
  expect(await search.find('late')).toEqual([])
})

/** How many statements wait for a lock and have this in their text. */
async function waiting(text: string): Promise<number> {
  const rows = await search.sql`
    select 1
    from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
      and query like '%' || ${text} || '%'`
  return rows.length
}

describe('five thousand posts of an erased account', () => {
  const bus = memoryBus({ consumers: ['posts'] })

  async function startService() {
    const config = loadConfig({
      DATABASE_URL: search.url,
      DATABASE_OWNER_URL: search.ownerUrl,
      ISSUER: testIssuer,
    })
    const { fetch } = await testIdentity()
    const log = createLog('posts', 'silent')
    // What the test writes by itself does not wake the projector.
    const service = await wirePosts(config, { log, bus, fetch, pollMs: 200 })
    await service.start()
    return service
  }

  async function isGone() {
    const documents = () => search.sql`select 1 from search_document limit 1`
    await expect.poll(documents, { interval: 5, timeout: 5_000 }).toHaveLength(0)
    await search.indexed()
  }

  test('are not found any more, and leave the index', async () => {
    await using service = await startService()
    await search.writeMany(5_000, 'personal', 70)
    await search.indexed()
    await bus.publish([anEvent('user.deleted.v1', { user_id: 70 })])
    const response = await service.app.request('/posts/search?q=personal')
    expect(Object(await response.json()).items).toEqual([])
    await isGone()
    await isRight()
  })

  test('are gone also when the service was down at that moment', async () => {
    await search.writeMany(5_000, 'personal', 71)
    {
      await using _ = await startService()
      await search.indexed()
    }
    const events = [anEvent('user.deleted.v1', { user_id: 71 })]
    await expect(bus.publish(events)).rejects.toThrow('Not every consumer')
    await using _ = await startService()
    await bus.publish(events)
    await isGone()
    await isRight()
  })
})
