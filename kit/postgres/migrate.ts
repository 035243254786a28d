import { type MigrationFile, type MigrationSet, readMigrationFiles } from './migrate-files.ts'
import type { Sql, Tx } from './postgres.ts'
import { identifier } from './sql-text.ts'

export type { MigrationSet } from './migrate-files.ts'

type Applied = { set: string; number: number; name: string; checksum: string }

// An arbitrary constant that every migrating process must share.
const advisoryLock = 3_605_180_001

/** The migrations of a service's database: first the tables of kit, then its own. */
export function serviceMigrations(service: string, folder: URL): MigrationSet[] {
  return [
    { name: 'kit', folder: new URL('../migrations/', import.meta.url) },
    { name: service, folder },
  ]
}

/**
 * Applies the missing files, each in its own transaction, and returns their names. Every step takes the lock, so processes
 * that start together wait for each other.
 */
export async function migrate(sql: Sql, sets: readonly MigrationSet[]): Promise<string[]> {
  const files = (await Promise.all(sets.map(readMigrationFiles))).flat()
  await withLock(sql, async (tx) => {
    await createTable(tx)
    verify(files, await listApplied(tx))
  })
  const names: string[] = []
  for (const file of files) {
    if (await withLock(sql, (tx) => applyOnce(tx, file))) names.push(`${file.set}/${file.name}`)
  }
  return names
}

async function withLock<T>(sql: Sql, work: (tx: Tx) => Promise<T>) {
  return sql.begin(async (tx) => {
    // Waiting for another process to migrate may take longer than any request should.
    await tx`set local statement_timeout = 0`
    await tx`set local lock_timeout = 0`
    await tx`select pg_advisory_xact_lock(${advisoryLock})`
    return work(tx)
  })
}

async function createTable(tx: Tx): Promise<void> {
  const [found] =
    await tx`select to_regclass('migration') as table where to_regclass('migration') is not null`
  if (found) return
  await tx`
    create table migration (
      set text not null,
      number integer not null,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now(),
      primary key (set, number)
    )`
  await revokeWrites(tx)
}

/** The default privileges let the application role write every table, but this one must stay trustworthy. */
async function revokeWrites(tx: Tx): Promise<void> {
  const roles = await tx<{ grantee: string }[]>`
    select distinct grantee
    from information_schema.role_table_grants
    where table_name = 'migration' and table_schema = current_schema() and grantee <> current_user`
  for (const { grantee } of roles) {
    await tx`revoke insert, update, delete on migration from ${identifier(grantee)}`
  }
}

async function listApplied(tx: Tx): Promise<Applied[]> {
  return tx<Applied[]>`
    select set, number, name, checksum
    from migration
    order by set, number`
}

/**
 * Accepts migrations that are newer than this code: during a rollout, or after a rollback, the previous code runs on the next
 * schema. Those that this code knows must be unchanged.
 */
function verify(files: readonly MigrationFile[], applied: readonly Applied[]): void {
  for (const row of applied) {
    const ofSet = files.filter((file) => file.set === row.set)
    const file = ofSet[row.number - 1]
    const title = `Migration ${row.set}/${row.name}`
    if (!file && row.number > ofSet.length) continue
    if (file?.name !== row.name) {
      throw new Error(`${title} was applied to this database, but its file is missing: restore it.`)
    }
    if (file.checksum !== row.checksum) {
      throw new Error(
        `${title} was edited after it was applied: restore it and write a new migration instead.`,
      )
    }
  }
}

async function applyOnce(tx: Tx, file: MigrationFile): Promise<boolean> {
  const [done] = await tx`
    select 1
    from migration
    where set = ${file.set} and number = ${file.number}`
  if (done) return false
  try {
    await tx.script(file.text)
  } catch (cause) {
    throw new Error(`Migration ${file.set}/${file.name} failed${reason(file, cause)}`, { cause })
  }
  await tx`
    insert into migration (set, number, name, checksum)
    values (${file.set}, ${file.number}, ${file.name}, ${file.checksum})`
  return true
}

function reason(file: MigrationFile, cause: unknown): string {
  if (!(cause instanceof Error)) return '.'
  const position = 'position' in cause ? Number(cause.position) : 0
  const line = file.text.slice(0, position).split('\n').length
  return position > 0 ? ` in line ${line}: ${cause.message}` : `: ${cause.message}`
}
