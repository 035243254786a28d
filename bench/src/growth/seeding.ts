import { connectPostgres, type Session, type Tx } from '@ego/kit/postgres/postgres'
import { ownerUrl } from '../platform/databases.ts'

/** Ids that no account of the platform reaches. */
export const firstSeeded = 1_000_000_000

/** Fills tables with statements that may take long; a pool would forget that between two of them. */
export async function openSeeding(folder: string, service: string): Promise<Session> {
  await using pool = connectPostgres({ url: await ownerUrl(folder, service), max: 1 })
  const session = await pool.openSession({ purpose: 'seed' })
  await session.sql.script('set statement_timeout = 0')
  return session
}

/** What the database would do by itself, some time after so much was written. */
export async function settle(sql: Tx): Promise<void> {
  await sql.script('vacuum (analyze)')
}
