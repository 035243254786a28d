import { startEmbeddedPostgres } from '../postgres/embedded/start.ts'
import { connectPostgres } from '../postgres/postgres.ts'

/**
 * A launcher for tests to kill: starts Postgres on the given folder, prints its pid, then writes on four connections and
 * prints each number once Postgres has acknowledged it.
 */
const server = await startEmbeddedPostgres({ folder: process.argv[2] ?? '' })
process.stdout.write(`pid ${server.pid}\n`)
const sql = connectPostgres({ url: server.adminUrl, max: 4 })
await sql`create table if not exists written (number integer primary key)`
const [row] = await sql`select coalesce(max(number), 0) as last from written`
let number = Number(row?.last)

async function write(): Promise<never> {
  for (;;) {
    number += 1
    const mine = number
    await sql`insert into written (number) values (${mine})`
    process.stdout.write(`${mine}\n`)
  }
}

await Promise.all([write(), write(), write(), write()])
