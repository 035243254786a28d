import { lockClass } from '@ego/kit/postgres/advisory-locks'
import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { type Part, part } from '@ego/kit/postgres/sql-text'
import { live, newest, quoted, relevant } from './hits-postgres.ts'
import { postsLocks } from './locks.ts'
import { mapInSlices } from './map-in-slices.ts'
import type { Document, SearchIndex } from './search-index.ts'
import { wordsOf } from './words.ts'

/** For the connections that are given here: a plan for any words at all reads every post to find rare ones. */
export const indexSettings = { plan_cache_mode: 'force_custom_plan' }

export function postgresIndex(sql: Sql): SearchIndex {
  return {
    // A generation before the live one is about to be dropped; those after it are being built.
    put: (documents) => alone(sql, (tx) => write(tx, documents, part`generation >= ${live}`)),

    remove: (postIds) => alone(sql, (tx) => remove(tx, postIds)),

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

    async check() {
      const [row] = await sql`select 1 from search_generation where is_live`
      if (!row) throw new Error('No generation of the index is live.')
    },

    async beginRebuild() {
      await dropOthers(sql)
      const [{ generation }] = await sql<[{ generation: number }]>`
        insert into search_generation (is_live)
        values (false)
        returning generation`
      return {
        fill: (documents) => write(sql, documents, part`generation = ${generation}`),
        async finish() {
          await alone(sql, (tx) => makeLive(tx, generation))
          await dropOthers(sql)
        },
      }
    },

    async dropLeft() {
      const generations = await dropOthers(sql)
      return generations.map((generation) => `generation ${generation}`)
    },
  }
}

/**
 * A statement outlives the process that sent it. The next write waits for it, so that a text which was on its way does not
 * arrive after its removal.
 */
async function alone(sql: Sql, work: (tx: Tx) => Promise<void>): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${lockClass}, ${postsLocks.write})`
    await work(tx)
  })
}

async function makeLive(tx: Tx, generation: number): Promise<void> {
  await tx`update search_generation set is_live = false where is_live`
  const { count } = await tx`
    update search_generation
    set is_live = true
    where generation = ${generation}`
  if (count === 0) throw new Error('Another rebuild has dropped this one.')
}

const dropBatch = 10_000

/** In steps, because one statement for a million documents runs into the timeout. */
async function dropOthers(sql: Sql): Promise<number[]> {
  const others = await sql<{ generation: number }[]>`
    select generation
    from search_generation
    where not is_live
    order by generation`
  for (const { generation } of others) {
    for (let after: string | null = '00000000-0000-0000-0000-000000000000'; after !== null; ) {
      after = await dropSome(sql, generation, after)
    }
    await sql`delete from search_generation where generation = ${generation} and not is_live`
  }
  return others.map(({ generation }) => generation)
}

async function dropSome(sql: Sql, generation: number, after: string): Promise<string | null> {
  const [row] = await sql<{ post_id: string }[]>`
    with batch as materialized (
      select post_id
      from search_document
      where generation = ${generation} and post_id > ${after}
      order by post_id
      limit ${dropBatch}
    ),
    dropped as (
      delete from search_document
      using batch
      where search_document.generation = ${generation} and search_document.post_id = batch.post_id
    )
    select post_id
    from batch
    order by post_id desc
    limit 1`
  return row?.post_id ?? null
}

// In the order of `write`: two that lock the same rows in different orders would give one of them up.
async function remove(tx: Tx, postIds: readonly string[]): Promise<void> {
  await tx`
    with gone as materialized (
      select generation, post_id
      from search_document
      where generation in (select generation from search_generation)
        and post_id = any(${[...postIds]}::uuid[])
      order by generation, post_id
      for update
    )
    delete from search_document
    using gone
    where search_document.generation = gone.generation
      and search_document.post_id = gone.post_id`
}

async function write(tx: Tx, documents: readonly Document[], which: Part): Promise<void> {
  if (documents.length === 0) return
  const words = await mapInSlices(documents, ({ textContent }) => toTsvector(textContent))
  await tx`
    insert into search_document (generation, post_id, creator_id, created_at, revision, words)
    select generation, d.post_id, d.creator_id, d.created_at, d.revision, d.words::tsvector
    from unnest(
      ${documents.map((document) => document.postId)}::uuid[],
      ${documents.map((document) => document.creatorId)}::bigint[],
      ${documents.map((document) => document.createdAt)}::timestamptz[],
      ${documents.map((document) => document.revision)}::integer[],
      ${words}::text[]
    ) as d (post_id, creator_id, created_at, revision, words)
    cross join search_generation
    where ${which}
    order by generation, d.post_id
    on conflict (generation, post_id) do update
    set revision = excluded.revision, words = excluded.words
    where search_document.revision <= excluded.revision`
}

function toTsvector(text: string): string {
  const positions = new Map<string, number[]>()
  for (const { word, position } of wordsOf(text)) {
    const known = positions.get(word)
    // Postgres keeps no more positions of one word than this.
    if (known === undefined) positions.set(word, [position])
    else if (known.length < 256) known.push(position)
  }
  return [...positions].map(([word, at]) => `${quoted(word)}:${at.join(',')}`).join(' ')
}
