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
    applicationName: `${service}-migrate`,
  })
  await migrate(owner, serviceMigrations(service, migrations))
  return connectPostgres({ url: config.DATABASE_URL, applicationName: service })
}

/** The readiness of a service's database. */
export function checkPostgres(sql: Sql) {
  return async (): Promise<void> => {
    await sql`select 1`
  }
}
