import type { Sql, Tx } from '@ego/kit/postgres/postgres'
import { StartError } from '@ego/kit/process/start-error'
import { openDatabaseOf } from '../platform/databases.ts'
import { firstWriter, readSeedState } from './seed.ts'

/** For choosing what to ask; the filled one, or a sentence that says how to fill it. */
export async function openPostsDatabase({ folder }: { folder: string }): Promise<Sql> {
  const sql = await openDatabaseOf(folder, 'posts')
  const state = await readSeedState(sql)
  if (state === 'whole') return sql
  await sql[Symbol.asyncDispose]()
  if (state === 'none') {
    throw new StartError('There are no posts to search yet: run npm run bench -- seed first.')
  }
  throw new StartError(
    `The seed of ${folder} was interrupted: delete the folder, then run npm run bench -- seed.`,
  )
}

export async function countPosts(sql: Sql): Promise<string> {
  const [row] = await sql<[{ posts: number }]>`
    select count(*)::int as posts
    from post`
  return row.posts.toLocaleString('en-US')
}

/** Some of those who write much and many who write little, the same ones each time. */
export async function followWriters(sql: Tx, followerId: number, count: number): Promise<void> {
  await sql`
    insert into follow (follower_id, followed_id)
    select ${followerId}, user_id
    from (
      select user_id
      from author
      where user_id >= ${firstWriter}
      order by md5(user_id::text)
      limit ${count}
    ) as chosen
    on conflict do nothing`
}
