import { connectPostgres, type Sql } from '@ego/kit/postgres'
import { findRunningPlatform } from '@ego/kit/running-platform'
import { StartError } from '@ego/kit/start-error'
import type { Platform } from './platform.ts'
import { firstWriter } from './seed.ts'

/** For choosing what to ask; the filled one, or a sentence that says how to fill it. */
export async function openPostsDatabase({ folder }: Platform): Promise<Sql> {
  const running = await findRunningPlatform(folder, 'posts')
  if (!running) throw new StartError(`No platform is running on ${folder}.`)
  const sql = connectPostgres({ url: running.databaseUrl, max: 1 })
  const [found] = await sql`select 1 from post where creator_id >= ${firstWriter} limit 1`
  if (found) return sql
  await sql[Symbol.asyncDispose]()
  throw new StartError('There are no posts to search yet: run npm run bench -- seed first.')
}
