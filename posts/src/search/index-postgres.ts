import type { Sql } from '@ego/kit/postgres'
import { type Part, part } from '@ego/kit/sql-text'
import type { Document, Hits, SearchIndex, Wanted } from './index.ts'
import { hasPositiveTerm, toTsquery, toTsvector } from './tsquery.ts'

/** Ranking reads every hit: of a word that half of the posts have, the newest are ranked. */
const rankedMax = 10_000

const live = part`(select generation from search_generation where is_live)`

export function postgresIndex(sql: Sql): SearchIndex {
  return {
    put: (documents) => write(sql, documents, part`true`),

    async remove(postIds) {
      await sql`
        delete from search_document
        where post_id = any(${[...postIds]}::uuid[])`
    },

    search: (wanted) => (wanted.sort === 'newest' ? newest(sql, wanted) : relevant(sql, wanted)),

    async list(after, limit) {
      const rows = await sql<{ post_id: string; revision: number }[]>`
        select post_id, revision
        from search_document
        where generation = ${live}
          ${after === null ? part`` : part`and post_id > ${after}`}
        order by post_id
        limit ${limit}`
      return rows.map((row) => ({ postId: row.post_id, revision: row.revision }))
    },

    async beginRebuild() {
      const generation = await sql.begin(async (tx) => {
        await tx`delete from search_generation where not is_live`
        const [row] = await tx<[{ generation: number }]>`
          insert into search_generation (is_live)
          values (false)
          returning generation`
        return row.generation
      })
      return {
        fill: (documents) => write(sql, documents, part`generation = ${generation}`),
        finish: () =>
          sql.begin(async (tx) => {
            await tx`update search_generation set is_live = false where is_live`
            await tx`update search_generation set is_live = true where generation = ${generation}`
            await tx`delete from search_generation where not is_live`
          }),
      }
    },
  }
}

async function write(sql: Sql, documents: readonly Document[], which: Part): Promise<void> {
  if (documents.length === 0) return
  await sql`
    insert into search_document (generation, post_id, creator_id, created_at, revision, words)
    select generation, d.post_id, d.creator_id, d.created_at, d.revision, d.words::tsvector
    from unnest(
      ${documents.map((document) => document.postId)}::uuid[],
      ${documents.map((document) => document.creatorId)}::bigint[],
      ${documents.map((document) => document.createdAt)}::timestamptz[],
      ${documents.map((document) => document.revision)}::integer[],
      ${documents.map((document) => toTsvector(document.textContent))}::text[]
    ) as d (post_id, creator_id, created_at, revision, words)
    cross join search_generation
    where ${which}
    order by generation, d.post_id
    on conflict (generation, post_id) do update
    set revision = excluded.revision, words = excluded.words
    where search_document.revision <= excluded.revision`
}

const idPattern = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const rankedPattern = /^(\d(?:\.\d{1,20})?(?:e-\d{1,3})?) (\S{36}) (\S{36})$/

async function newest(sql: Sql, wanted: Wanted): Promise<Hits> {
  const { after, limit } = wanted
  if (after !== null && !idPattern.test(after)) throw new RangeError('No position of a search.')
  const rows = await sql<{ post_id: string }[]>`
    select post_id
    from search_document
    where ${conditions(wanted)}
      ${after === null ? part`` : part`and post_id < ${after}`}
    order by post_id desc
    limit ${limit + 1}`
  const postIds = rows.slice(0, limit).map((row) => row.post_id)
  return { postIds, next: rows.length > limit ? (postIds.at(-1) ?? null) : null }
}

type Ranked = { score: number; postId: string; newestId: string }

async function relevant(sql: Sql, wanted: Wanted): Promise<Hits> {
  const { query, limit } = wanted
  const after = wanted.after === null ? null : parseRanked(wanted.after)
  // What came after the first page would push out what was to be on a later one.
  const rows = await sql<{ post_id: string; score: number; newest_id: string }[]>`
    with candidate as (
      select post_id, words
      from search_document
      where ${conditions(wanted)}
        ${after === null ? part`` : part`and post_id <= ${after.newestId}`}
      order by post_id desc
      limit ${rankedMax}
    ),
    ranked as (
      select
        post_id,
        ${hasPositiveTerm(query) ? part`ts_rank(words, ${toTsquery(query)}::tsquery, 1)` : part`0::real`}
          as score,
        first_value(post_id) over (order by post_id desc) as newest_id
      from candidate
    )
    select post_id, score, newest_id
    from ranked
    ${after === null ? part`` : part`where (score, post_id) < (${after.score}::real, ${after.postId}::uuid)`}
    order by score desc, post_id desc
    limit ${limit + 1}`
  const found = rows.slice(0, limit)
  const last = found.at(-1)
  const next =
    last && rows.length > limit ? `${last.score} ${last.post_id} ${last.newest_id}` : null
  return { postIds: found.map((row) => row.post_id), next }
}

function parseRanked(position: string): Ranked {
  const [, score, postId = '', newestId = ''] = rankedPattern.exec(position) ?? []
  if (!idPattern.test(postId) || !idPattern.test(newestId)) {
    throw new RangeError('No position of a search.')
  }
  return { score: Number(score), postId, newestId }
}

function conditions({ query, creatorId, since, until }: Wanted): Part {
  return part`
    generation = ${live}
    ${query.terms.length === 0 ? part`` : part`and words @@ ${toTsquery(query)}::tsquery`}
    ${creatorId === null ? part`` : part`and creator_id = ${creatorId}`}
    ${since === null ? part`` : part`and created_at >= ${since}`}
    ${until === null ? part`` : part`and created_at < ${until}`}`
}
