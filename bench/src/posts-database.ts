import { connectPostgres, type Sql } from '@ego/kit/postgres'
import { findRunningPlatform } from '@ego/kit/running-platform'
import { StartError } from '@ego/kit/start-error'
import type { Platform } from './platform.ts'
import { readSeedState } from './seed.ts'

/** For choosing what to ask; the filled one, or a sentence that says how to fill it. */
export async function openPostsDatabase({ folder }: Platform): Promise<Sql> {
  const running = await findRunningPlatform(folder, 'posts')
  if (!running) throw new StartError(`No platform is running on ${folder}.`)
  const sql = connectPostgres({ url: running.databaseUrl, max: 1 })
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
