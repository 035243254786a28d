import { lockClass } from '@ego/kit/postgres/advisory-locks'
import { isLockTimeout } from '@ego/kit/postgres/errors'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { part } from '@ego/kit/postgres/sql-text'
import { StartError } from '@ego/kit/process/start-error'
import { isShown, withAuthor } from '../post/row-postgres.ts'
import { postsLocks } from './locks.ts'
import type { Document } from './search-index.ts'
import type { SearchSource, Which } from './source.ts'

type Row = {
  post_id: string
  creator_id: number
  created_at: Date
  revision: number
  text_content: string
}

const columns = part`
  post.post_id, post.creator_id, post.created_at, post.revision, post.text_content`

/** The lock may be held for longer than the lock timeout, while the index is slow: one wait is not enough. */
const lockTriesMax = 6
const staleCountMax = 10_000

export function postgresSource(sql: Sql): SearchSource {
  return {
    async list(after, limit) {
      const rows = await sql<Row[]>`
        select ${columns}
        from post
        ${withAuthor}
        where ${isShown}
          ${after === null ? part`` : part`and post.post_id > ${after}`}
        order by post.post_id
        limit ${limit}`
      return rows.map(toDocument)
    },

    async listByIds(postIds) {
      const rows = await sql<Row[]>`
        select ${columns}
        from post
        ${withAuthor}
        where post.post_id = any(${[...postIds]}::uuid[]) and ${isShown}`
      return rows.map(toDocument)
    },

    async listPresent(postIds) {
      const rows = await sql<{ post_id: string }[]>`
        select post.post_id
        from post
        ${withAuthor}
        where post.post_id = any(${[...postIds]}::uuid[]) and ${isShown}`
      return rows.map((row) => row.post_id)
    },

    async listStale(postIds) {
      const rows = await sql<{ post_id: string }[]>`
        select distinct post_id
        from search_stale
        where post_id = any(${[...postIds]}::uuid[])`
      return rows.map((row) => row.post_id)
    },

    async countStale() {
      const [row] = await sql<[{ count: number }]>`
        select count(distinct post_id)::int as count
        from (
          select post_id
          from search_stale
          order by position
          limit ${staleCountMax}
        ) as counted`
      return row.count
    },

    async takeStale(which, project) {
      const take = (tx: Tx) => takeRows(tx, which, project)
      if (which.creatorId !== undefined) return (await withLock(sql, take))?.answer ?? null
      return sql.begin(async (tx) => ((await tryLock(tx)) ? take(tx) : null))
    },

    async exclusively(work) {
      for (let tries = 0; tries < lockTriesMax; tries += 1) {
        const done = await withLock(sql, work)
        if (done) return done.answer
      }
      throw new StartError('Another process has kept the index busy for too long: try again.')
    },

    async isCurrentFor(creatorId) {
      const [row] = await sql`
        select 1
        from search_stale
        where creator_id = ${creatorId}
        limit 1`
      return row === undefined
    },

    async lockRebuild() {
      const session = await sql.openSession({ purpose: 'rebuild' })
      const [row] = await session.sql<[{ is_locked: boolean }]>`
        select pg_try_advisory_lock(${lockClass}, ${postsLocks.rebuild}) as is_locked`
      if (row.is_locked) return session
      await session[Symbol.asyncDispose]()
      return null
    },
  }
}

/** One process at a time: an older text may not arrive after a newer one that another has brought. */
async function tryLock(tx: Tx): Promise<boolean> {
  const [row] = await tx<[{ is_locked: boolean }]>`
    select pg_try_advisory_xact_lock(${lockClass}, ${postsLocks.project}) as is_locked`
  return row.is_locked
}

/** `null` when the lock was not free within its timeout. A timeout of the work itself is not caught here. */
async function withLock<T>(sql: Sql, work: (tx: Tx) => Promise<T>): Promise<{ answer: T } | null> {
  let isLocked = false
  try {
    return await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${lockClass}, ${postsLocks.project})`
      isLocked = true
      return { answer: await work(tx) }
    })
  } catch (error) {
    if (isLocked || !isLockTimeout(error)) throw error
    return null
  }
}

async function takeRows(
  tx: Tx,
  { limit, creatorId }: Which,
  project: (postIds: string[]) => Promise<void>,
): Promise<number> {
  const rows = await tx<{ position: number; post_id: string }[]>`
    select position, post_id
    from search_stale
    ${creatorId === undefined ? part`` : part`where creator_id = ${creatorId}`}
    order by position
    limit ${limit}`
  await project([...new Set(rows.map((row) => row.post_id))])
  await tx`
    delete from search_stale
    where position = any(${rows.map((row) => row.position)}::bigint[])`
  return rows.length
}

function toDocument(row: Row): Document {
  return {
    postId: row.post_id,
    creatorId: row.creator_id,
    createdAt: row.created_at,
    revision: row.revision,
    textContent: row.text_content,
  }
}
