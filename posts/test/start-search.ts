import { createLog } from '@ego/kit/process/log'
import { testDatabase } from '@ego/kit/testing/database'
import { expect } from 'vitest'
import { postgresNewPosts } from '../src/post/create-postgres.ts'
import { postgresPosts } from '../src/post/store-postgres.ts'
import { startProjector } from '../src/search/project.ts'
import { parseQuery } from '../src/search/query.ts'
import type { SearchIndex } from '../src/search/search-index.ts'
import { postgresIndex } from '../src/search/search-index-postgres.ts'
import type { SearchSource } from '../src/search/source.ts'
import { postgresSource } from '../src/search/source-postgres.ts'

/** The parts of the search on a database of their own, without a service; nothing is projected but by the test. */
export async function startSearch() {
  const database = await testDatabase('posts')
  const { sql } = database
  const posts = { ...postgresPosts(sql), ...postgresNewPosts(sql) }
  const [source, index] = [postgresSource(sql), postgresIndex(sql)]
  const log = createLog('posts', 'silent')

  return {
    ...database,
    sql,
    posts,
    source,
    index,
    limiter: <T>(work: () => Promise<T>) => work(),
    start: (changes: { source?: SearchSource; index?: SearchIndex } = {}) =>
      startProjector({ source, index, log, pollMs: 200, ...changes }),
    async write(textContent: string, creatorId = 1): Promise<string> {
      const post = await posts.create({ creatorId, textContent }, 'request')
      return typeof post === 'string' ? '' : post.postId
    },
    /** Many, in one statement. */
    async writeMany(count: number, textContent: string, creatorId = 1): Promise<void> {
      await sql`
        with written as (
          insert into post (creator_id, text_content)
          select ${creatorId}, ${textContent} || ' ' || n
          from generate_series(1, ${count}::integer) as n
          returning post_id, creator_id
        )
        insert into search_stale (post_id, creator_id)
        select post_id, creator_id
        from written`
    },
    async find(q: string, limit = 100): Promise<string[]> {
      const none = { creatorId: null, since: null, until: null, after: null }
      const query = parseQuery(q)
      return (await index.search({ ...none, query, sort: 'newest', limit })).postIds
    },
    stale: async () => [...(await sql`select post_id from search_stale`)],
    indexed: () =>
      expect
        .poll(() => sql`select 1 from search_stale limit 1`, { timeout: 10_000, interval: 5 })
        .toHaveLength(0),
    /** Removes what is there, as if it had never been. */
    async clear(): Promise<void> {
      for (const table of ['post', 'search_stale', 'search_document']) {
        await sql.script(`delete from ${table}`)
      }
    },
  }
}

export type TestSearch = Awaited<ReturnType<typeof startSearch>>

/** Three people who create, edit and delete posts until they are told to stop. */
export function startWriters({ posts }: Pick<TestSearch, 'posts'>) {
  let isStopped = false
  const running = Promise.all(
    [11, 12, 13].map(async (creatorId) => {
      const mine: string[] = []
      for (let n = 0; !isStopped; n += 1) {
        const post = await posts.create({ creatorId, textContent: `written ${n}` }, 'request')
        mine.push(typeof post === 'string' ? '' : post.postId)
        const change = (at: number) => ({ postId: mine.at(at) ?? '', creatorId, revisions: null })
        if (n % 2 === 1) await posts.edit(change(-1), { textContent: `edited ${n}` }, 'request')
        if (n % 3 === 2) await posts.delete(change(-2), 'request')
      }
      return mine.length
    }),
  )
  return {
    /** Answers how many they have written. */
    async stop(): Promise<number> {
      isStopped = true
      return (await running).reduce((sum, count) => sum + count, 0)
    },
  }
}
