import { connectPostgres, type Sql } from '@ego/kit/postgres/postgres'
import { z } from 'zod'
import { repeatFor, serveJob } from '../platform/job.ts'

const job = z.object({
  url: z.string(),
  work: z.enum(['update', 'two inserts']),
  clients: z.int(),
  seconds: z.number(),
})

const rows = 1_000

/** The statements that a request cannot do without, through the driver and a pool as every service has it. */
await serveJob(job, async ({ url, work, clients, seconds }) => {
  await using sql = connectPostgres({ url, applicationName: 'bench' })
  await makeTables(sql)
  const run = work === 'update' ? updateOne(sql) : insertTwo(sql)
  const done = await repeatFor(seconds, clients, run)
  await sql`drop schema bench cascade`
  return done
})

async function makeTables(sql: Sql): Promise<void> {
  await sql`drop schema if exists bench cascade`
  await sql`create schema bench`
  await sql`create table bench.counted (counted_id bigint primary key, counter bigint not null)`
  await sql`
    insert into bench.counted (counted_id, counter)
    select n, 0
    from generate_series(0, ${rows}::int - 1) as n`
  for (const name of ['first', 'second']) {
    await sql.script(
      `create table bench.${name} (written_id uuid primary key default uuidv7(), content text not null)`,
    )
  }
}

function updateOne(sql: Sql) {
  let turn = 0
  return async () => {
    turn += 1
    await sql`
      update bench.counted
      set counter = counter + 1
      where counted_id = ${turn % rows}
      returning counted_id, counter`
  }
}

function insertTwo(sql: Sql) {
  const content = 'Post 1 of connection 1, as long as people write them on most days.'
  return () =>
    sql.begin(async (tx) => {
      await tx`
        insert into bench.first (content)
        values (${content})
        returning written_id`
      await tx`
        insert into bench.second (content)
        values (${content})`
    })
}
