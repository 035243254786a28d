import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { migrate } from './migrate.ts'
import { connectPostgres, type Sql } from './postgres.ts'
import { createServiceDatabase } from './service-database.ts'
import { identifier } from './sql-text.ts'

const { adminUrl } = inject('testPostgres')
const name = `migrate_${process.pid}`
const admin = connectPostgres({ url: adminUrl, max: 1 })
let folder: string
let owner: Sql

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ego-migrate-'))
  await createServiceDatabase(adminUrl, { name, ownerPassword: 'owner', appPassword: 'app' })
  owner = connect('owner')
})

afterEach(async () => {
  await owner[Symbol.asyncDispose]()
  await admin`drop database ${identifier(name)} with (force)`
  await rm(folder, { recursive: true })
})

function connect(role: 'owner' | 'app'): Sql {
  const url = new URL(adminUrl)
  url.pathname = name
  url.username = `${name}_${role}`
  url.password = role
  return connectPostgres({ url: url.href, max: 2 })
}

const sets = () => [{ name: 'posts', folder: pathToFileURL(`${folder}/`) }]

async function write(file: string, text: string): Promise<void> {
  await writeFile(join(folder, file), text)
}

test('files run in order, once, and only the new ones next time', async () => {
  await write('0001-first.sql', 'create table note (id integer);')
  await write('0002-second.sql', 'insert into note values (1); insert into note values (2);')
  expect(await migrate(owner, sets())).toEqual(['posts/0001-first.sql', 'posts/0002-second.sql'])
  expect(await migrate(owner, sets())).toEqual([])
  await write('0003-third.sql', 'insert into note values (3);')
  expect(await migrate(owner, sets())).toEqual(['posts/0003-third.sql'])
  expect(await owner`select id from note order by id`).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
})

test('two sets have numbers of their own and run in the given order', async () => {
  const other = await mkdtemp(join(tmpdir(), 'ego-migrate-'))
  await writeFile(join(other, '0001-kit.sql'), 'create table outbox (id integer);')
  await write('0001-own.sql', 'insert into outbox values (1);')
  const both = [{ name: 'kit', folder: pathToFileURL(other) }, ...sets()]
  expect(await migrate(owner, both)).toEqual(['kit/0001-kit.sql', 'posts/0001-own.sql'])
  await rm(other, { recursive: true })
})

test('of two concurrent migrations one does the work and the other waits', async () => {
  await write('0001-slow.sql', 'create table note (id integer); select pg_sleep(0.3);')
  await write('0002-next.sql', 'insert into note values (1);')
  const second = connect('owner')
  const applied = await Promise.all([migrate(owner, sets()), migrate(second, sets())])
  await second[Symbol.asyncDispose]()
  expect(applied.flat().sort()).toEqual(['posts/0001-slow.sql', 'posts/0002-next.sql'])
  expect(await owner`select id from note`).toEqual([{ id: 1 }])
})

test('an old file that was edited is refused by name', async () => {
  await write('0001-first.sql', 'create table note (id integer);')
  await migrate(owner, sets())
  await write('0001-first.sql', 'create table note (id bigint);')
  await expect(migrate(owner, sets())).rejects.toThrow('Migration posts/0001-first.sql was edited')
})

test('different line endings are not an edit', async () => {
  await write('0001-first.sql', 'create table note (\n  id integer\n);\n')
  await migrate(owner, sets())
  await write('0001-first.sql', 'create table note (\r\n  id integer\r\n);\r\n')
  expect(await migrate(owner, sets())).toEqual([])
})

test('an old file that is missing is refused by name', async () => {
  await write('0001-first.sql', 'create table note (id integer);')
  await write('0002-second.sql', 'insert into note values (2);')
  await migrate(owner, sets())
  await rename(join(folder, '0001-first.sql'), join(folder, '0001-other.sql'))
  await expect(migrate(owner, sets())).rejects.toThrow('posts/0001-first.sql was applied')
})

test('the previous code runs on a database that newer code has migrated', async () => {
  await write('0001-first.sql', 'create table note (id integer);')
  await write('0002-second.sql', 'insert into note values (2);')
  await migrate(owner, sets())
  await rm(join(folder, '0002-second.sql'))
  expect(await migrate(owner, sets())).toEqual([])
})

test.each([
  ['a gap', ['0001-a.sql', '0003-c.sql'], 'posts/0003-c.sql is out of order: number 0002'],
  ['a number used twice', ['0001-a.sql', '0001-b.sql'], 'posts/0001-b.sql is out of order'],
  ['a first number that is not 0001', ['0002-a.sql'], 'number 0001 is missing'],
  ['another spelling', ['0001_a.sql'], 'posts/0001_a.sql must be named NNNN-what.sql'],
  ['an upper-case extension', ['0001-a.SQL'], 'posts/0001-a.SQL must be named NNNN-what.sql'],
])('%s in the numbering is refused before anything runs', async (_, files, message) => {
  for (const file of files) await write(file, 'create table note (id integer);')
  await expect(migrate(owner, sets())).rejects.toThrow(message)
  expect(await owner`select to_regclass('note') as note`).toEqual([{ note: null }])
})

test('a file that fails is rolled back and named with its line', async () => {
  await write('0001-first.sql', 'create table note (id integer);')
  await write('0002-broken.sql', 'insert into note values (1);\ninsert into nothing values (1);\n')
  await expect(migrate(owner, sets())).rejects.toThrow(
    'Migration posts/0002-broken.sql failed in line 2: relation "nothing" does not exist',
  )
  expect(await owner`select id from note`).toEqual([])
  await write('0002-broken.sql', 'insert into note values (1);\n')
  expect(await migrate(owner, sets())).toEqual(['posts/0002-broken.sql'])
})

test('the application role reads what was applied but cannot change it', async () => {
  await write('0001-first.sql', 'create table note (id integer);')
  await migrate(owner, sets())
  const app = connect('app')
  expect(await app`select name from migration`).toEqual([{ name: '0001-first.sql' }])
  await expect(app`delete from migration`).rejects.toThrow('permission denied')
  await expect(app`update migration set checksum = ''`).rejects.toThrow('permission denied')
  await app[Symbol.asyncDispose]()
})
