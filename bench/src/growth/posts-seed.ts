import type { Tx } from '@ego/kit/postgres/postgres'
import { rebuildIndex } from '@ego/posts/search/rebuild'
import { postgresIndex } from '@ego/posts/search/search-index-postgres'
import { postgresSource } from '@ego/posts/search/source-postgres'
import { firstWriter, writePosts, writeWriters } from '../data/seed.ts'
import { openDatabaseOf } from '../platform/databases.ts'

/** As many texts are made; more posts are copies of them. */
const textsMax = 10_000
const postsPerWriter = 10
const batch = 10_000
const yearSeconds = 31_536_000

type Seeding = { folder: string; sql: Tx }

/** Writes posts until there are so many, with their index and their authors. */
export async function growPosts({ folder, sql }: Seeding, size: number): Promise<void> {
  const writers = Math.ceil(size / postsPerWriter)
  await writeWriters(sql, writers)
  const held = await countPosts(sql)
  if (held === 0) await writeTexts(folder, Math.min(size, textsMax), writers)
  for (let posts = Math.max(held, Math.min(size, textsMax)); posts < size; posts += batch) {
    await copyTexts(sql, Math.min(batch, size - posts), writers)
  }
}

async function writeTexts(folder: string, posts: number, writers: number): Promise<void> {
  // A rebuild wants more than the one connection that long statements run on.
  await using sql = await openDatabaseOf(folder, 'posts')
  await writePosts(sql, posts, writers)
  await rebuildIndex({ source: postgresSource(sql), index: postgresIndex(sql) })
}

async function countPosts(sql: Tx): Promise<number> {
  const [row] = await sql<[{ posts: number }]>`
    select count(*)::int as posts
    from post`
  return row.posts
}

/** The words of a copy are copied too: finding them in each text again would take most of the time. */
async function copyTexts(sql: Tx, posts: number, writers: number): Promise<void> {
  await sql`
    with original as (
      select post.text_content, document.words
      from (
        select search_document.post_id, search_document.words
        from search_document
        join search_generation using (generation)
        where is_live
        limit ${posts}
      ) as document
      join post using (post_id)
    ),
    made as materialized (
      select
        uuidv7(aged.age) as post_id,
        ${firstWriter} + floor(random() * random() * ${writers}::int)::bigint as creator_id,
        aged.text_content,
        aged.words,
        now() + aged.age as created_at
      from (
        select original.*, make_interval(secs => - random() * ${yearSeconds}::float8) as age
        from original
      ) as aged
    ),
    written as (
      insert into post (post_id, creator_id, text_content, created_at, updated_at)
      select post_id, creator_id, text_content, created_at, created_at
      from made
    )
    insert into search_document (generation, post_id, creator_id, created_at, revision, words)
    select generation, post_id, creator_id, created_at, 1, words
    from made
    cross join search_generation
    where is_live`
}
