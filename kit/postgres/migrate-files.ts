import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** A folder of `NNNN-what.sql` files; `name` distinguishes the sets of one database. */
export type MigrationSet = { name: string; folder: URL }

export type MigrationFile = {
  set: string
  number: number
  name: string
  checksum: string
  text: string
}

const fileName = /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/

/** Numbers run from 0001 without a gap, so that two branches cannot add the same number unnoticed. */
export async function readMigrationFiles({ name: set, folder }: MigrationSet) {
  const path = fileURLToPath(folder)
  const names = (await readdir(path)).filter((name) => name.toLowerCase().endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name, index): Promise<MigrationFile> => {
      const number = numberOf(set, name)
      checkSequence(set, name, number, index + 1)
      const text = await readFile(new URL(name, withSlash(folder)), 'utf8')
      return { set, number, name, checksum: checksumOf(text), text }
    }),
  )
}

function numberOf(set: string, name: string): number {
  const digits = fileName.exec(name)?.[1]
  if (!digits)
    throw new Error(`Migration ${set}/${name} must be named NNNN-what.sql, in kebab-case.`)
  return Number(digits)
}

function checkSequence(set: string, name: string, number: number, expected: number): void {
  if (number === expected) return
  const why =
    number < expected
      ? 'its number is used twice'
      : `number ${String(expected).padStart(4, '0')} is missing before it`
  throw new Error(`Migration ${set}/${name} is out of order: ${why}.`)
}

/** A checkout may change line endings, which make no difference to the database. */
function checksumOf(text: string): string {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')
}

function withSlash(folder: URL): URL {
  return folder.href.endsWith('/') ? folder : new URL(`${folder.href}/`)
}
