import { findRunningPlatform } from '@ego/kit/commands/running-platform'
import { connectPostgres, type Sql, type Tx } from '@ego/kit/postgres/postgres'
import { StartError } from '@ego/kit/process/start-error'
import { rebuildIndex } from '@ego/posts/search/rebuild'
import { postgresIndex } from '@ego/posts/search/search-index-postgres'
import { postgresSource } from '@ego/posts/search/source-postgres'
import { randomFrom, textOf } from './texts.ts'

type Options = { folder: string; posts: number; writers: number }

/** Ids that no account of the platform reaches. */
export const firstWriter = 1_000_000_000
/** Written last, so a seed that was interrupted is known. */
const mark = firstWriter - 1
const batch = 10_000
const yearSeconds = 31_536_000

export type SeedState = 'none' | 'half' | 'whole'
const said = { half: 'filled by half', whole: 'filled already' } as const

export async function readSeedState(sql: Sql): Promise<SeedState> {
  const [row] = await sql<[{ has_mark: boolean; has_writers: boolean }]>`
    select
      exists (select 1 from author where user_id = ${mark}) as has_mark,
      exists (select 1 from author where user_id >= ${firstWriter}) as has_writers`
  if (row.has_mark) return 'whole'
  return row.has_writers ? 'half' : 'none'
}

export async function markSeed(sql: Sql): Promise<void> {
  await sql`
    insert into author (user_id, username)
    values (${mark}, 'seed is finished')`
}

/** Writes straight into the database of posts: through the API it would take hours. */
export async function seed({ folder, posts, writers }: Options): Promise<void> {
  const platform = await findRunningPlatform(folder, 'posts')
  if (!platform) throw new StartError(`No platform is running on ${folder}.`)
  await using sql = connectPostgres({ url: platform.databaseUrl, max: 2 })
  const state = await readSeedState(sql)
  if (state !== 'none') {
    throw new StartError(`${folder} is ${said[state]}; delete the folder to begin again.`)
  }
  await writeWriters(sql, writers)
  await writePosts(sql, posts, writers)
  progress(`${posts} posts are written; the index is built\n`)
  const held = await rebuildIndex({
    source: postgresSource(sql),
    index: postgresIndex(sql),
    onProgress: (done) => progress(`${done} posts are indexed`),
  })
  await markSeed(sql)
  progress(`${held} posts of ${writers} writers are in ${folder}\n`)
}

/** Those who are there already stay. */
export async function writeWriters(sql: Tx, writers: number): Promise<void> {
  await sql`
    insert into author (user_id, username, first_name, last_name)
    select ${firstWriter} + n, 'writer' || n, 'First ' || n, 'Last ' || n
    from generate_series(0, ${writers}::int - 1) as n
    on conflict do nothing`
}

export async function writePosts(sql: Sql, posts: number, writers: number): Promise<void> {
  const random = randomFrom(1)
  for (let done = 0; done < posts; done += batch) {
    const count = Math.min(batch, posts - done)
    const texts = Array.from({ length: count }, () => textOf(random))
    // Some write much, most little.
    const creators = texts.map(() => firstWriter + Math.floor(random() * random() * writers))
    const secondsAgo = yearSeconds * (1 - done / posts)
    const step = yearSeconds / posts
    await sql`
      insert into post (post_id, creator_id, text_content, created_at, updated_at)
      select uuidv7(age), creator_id, text, now() + age, now() + age
      from (
        select creator_id, text, make_interval(secs => n * ${step}::float8 - ${secondsAgo}::float8) as age
        from unnest(${creators}::bigint[], ${texts}::text[]) with ordinality as t (creator_id, text, n)
      ) as aged`
    progress(`${done + count} posts are written`)
  }
}

function progress(text: string): void {
  process.stderr.write(`\r${text}`)
}
