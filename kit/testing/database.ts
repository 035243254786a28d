import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { connectPostgres, type Sql, type Tx } from '../postgres/postgres.ts'
import { grantDatabase } from '../postgres/service-database.ts'
import { identifier } from '../postgres/sql-text.ts'

/** `url` and `sql` connect as the application role, `ownerUrl` as the owner of the schema. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string
  readonly ownerUrl: string
  readonly sql: Sql
  /** Ends the connections with that application name, as a lost network would. */
  terminate(applicationName: string): Promise<void>
}

/** Creates a migrated, empty database for one test file, copied from the template of the service. */
export async function testDatabase(service: string): Promise<TestDatabase> {
  const { adminUrl, password, templates } = inject('testPostgres')
  if (!templates.includes(service))
    throw new Error(`There is no ${service}/migrations to test with.`)
  const name = `${service}_${randomUUID().replaceAll('-', '')}`
  await asAdmin(adminUrl, async (admin) => {
    await admin`
      create database ${identifier(name)}
      template ${identifier(service)} owner ${identifier(`${service}_owner`)} strategy file_copy`
    await grantDatabase(admin, name, service)
  })
  const url = urlFor(adminUrl, name, { user: `${service}_app`, password })
  const sql = connectPostgres({ url })
  return {
    url,
    ownerUrl: urlFor(adminUrl, name, { user: `${service}_owner`, password }),
    sql,
    terminate: (applicationName) =>
      asAdmin(
        adminUrl,
        (admin) => admin`
          select pg_terminate_backend(pid)
          from pg_stat_activity
          where datname = ${name} and application_name = ${applicationName}`,
      ),
    async [Symbol.asyncDispose]() {
      await sql[Symbol.asyncDispose]()
      await asAdmin(adminUrl, (admin) => admin`drop database ${identifier(name)} with (force)`)
    },
  }
}

function urlFor(
  adminUrl: string,
  database: string,
  login: { user: string; password: string },
): string {
  const url = new URL(adminUrl)
  url.pathname = database
  url.username = login.user
  url.password = login.password
  return url.href
}

async function asAdmin(url: string, work: (admin: Tx) => Promise<unknown>): Promise<void> {
  await using admin = connectPostgres({ url, max: 1 })
  await work(admin)
}
