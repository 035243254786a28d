import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresSource } from '../src/search/source-postgres.ts'
import { startSearch, type TestSearch } from './start-search.ts'

let search: TestSearch

beforeAll(async () => {
  search = await startSearch()
})
afterAll(() => search[Symbol.asyncDispose]())

/** The source on connections that wait for a lock for only so long, and how many transactions it has begun. */
function impatientSource(lockTimeout: string) {
  const begun = { count: 0 }
  const begin = <T>(work: (tx: Tx) => Promise<T>) =>
    search.sql.begin(async (tx) => {
      begun.count += 1
      await tx.script(`set local lock_timeout = '${lockTimeout}'`)
      return work(tx)
    })
  const sql: Sql = Object.assign(search.sql.bind(null), search.sql, { begin })
  return { source: postgresSource(sql), begun }
}

/** Another process projects until it is released. */
async function aSlowBatch() {
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const ended = search.source.takeStale({ limit: 0 }, async () => {
    held.resolve()
    await released.promise
  })
  await held.promise
  return {
    async release() {
      released.resolve()
      await ended
    },
  }
}

test('work that needs the index alone waits for a slow batch beyond the lock timeout', async () => {
  const { source, begun } = impatientSource('200ms')
  const slow = await aSlowBatch()
  const alone = source.exclusively(async () => 'done')
  await Promise.race([alone, expect.poll(() => begun.count, { interval: 5 }).toBe(2)])
  await slow.release()
  expect(await alone).toBe('done')
})

test('but not for ever', async () => {
  const { source } = impatientSource('5ms')
  const slow = await aSlowBatch()
  const alone = source.exclusively(async () => 'done')
  await expect(alone).rejects.toThrow('Another process has kept the index busy for too long')
  await slow.release()
})

test('what the work itself waits for too long is not done again', async () => {
  const { source, begun } = impatientSource('5ms')
  const timeout = search.sql.begin(async (tx) => {
    await tx`lock table search_stale`
    await source.exclusively(async () => {
      await search.sql.begin(async (other) => {
        await other.script("set local lock_timeout = '5ms'")
        await other`select 1 from search_stale`
      })
    })
  })
  await expect(timeout).rejects.toMatchObject({ code: '55P03' })
  expect(begun.count).toBe(1)
})

test('a batch of one creator waits for its turn, and without a turn takes nothing', async () => {
  const postId = await search.write('mine', 2)
  await search.write('of another', 3)
  const taken: string[][] = []
  const project = async (postIds: string[]) => void taken.push(postIds)
  const slow = await aSlowBatch()
  const which = { limit: 10, creatorId: 2 }
  expect(await impatientSource('5ms').source.takeStale(which, project)).toBeNull()
  const waiting = search.source.takeStale(which, project)
  await expect
    .poll(() => search.sql`select 1 from pg_locks where locktype = 'advisory' and not granted`)
    .toHaveLength(1)
  expect(taken).toEqual([])
  await slow.release()
  expect(await waiting).toBe(1)
  expect(taken).toEqual([[postId]])
})
