import { migrate, serviceMigrations } from './migrate.ts'
import { connectPostgres, type Sql } from './postgres.ts'

type Options = {
  service: string
  config: { DATABASE_URL: string; DATABASE_OWNER_URL: string }
  migrations: URL
}

/** Migrates as the owner, then connects as the role that can only read and write rows. */
export async function openDatabase({ service, config, migrations }: Options): Promise<Sql> {
  await using owner = connectPostgres({
    url: config.DATABASE_OWNER_URL,
    max: 1,
    // A migration has no time limit.
    answerMsMax: 0,
    applicationName: `${service}-migrate`,
  })
  await migrate(owner, serviceMigrations(service, migrations))
  await using opening = new AsyncDisposableStack()
  const sql = opening.use(connectPostgres({ url: config.DATABASE_URL, applicationName: service }))
  // A refused login should fail the start and not the first request.
  await checkPostgres(sql)()
  opening.move()
  return sql
}

/** Creates the readiness check of a service's database. */
export function checkPostgres(sql: Sql) {
  return async (): Promise<void> => {
    await sql`select 1`
  }
}
