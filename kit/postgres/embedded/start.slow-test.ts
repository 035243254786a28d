import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectPostgres } from '../postgres.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './start.ts'

let parent: string
let folder: string

beforeEach(async () => {
  parent = await makeParent()
  folder = join(parent, 'postgres')
})

afterEach(() => removeParent(parent))

async function makeParent(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'ego pg, "test" '))
  // When root starts it, Postgres runs as another user, who must be able to pass through.
  await chmod(made, 0o711)
  return made
}

const removeParent = (made: string) => rm(made, { recursive: true, force: true })

async function query<T extends object>(server: EmbeddedPostgres, text: string): Promise<T[]> {
  const sql = connectPostgres({ url: server.adminUrl, max: 1 })
  try {
    return [...(await sql.script<T[]>(text))]
  } finally {
    await sql[Symbol.asyncDispose]()
  }
}

test('rows survive a stop and a start', async () => {
  {
    await using server = await startEmbeddedPostgres({ folder })
    await query(server, 'create table note as select 1 as id')
  }
  await using server = await startEmbeddedPostgres({ folder })
  expect(await query(server, 'select id from note')).toEqual([{ id: 1 }])
})

test('Postgres listens on the given port, also after a restart', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = Object(holder.address())
  await new Promise((resolve) => holder.close(resolve))
  for (const _ of [1, 2]) {
    await using server = await startEmbeddedPostgres({ folder, port })
    const { host, search } = new URL(server.adminUrl)
    expect([host, search]).toEqual([`127.0.0.1:${port}`, ''])
    expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }])
  }
})

describe('a running Postgres', () => {
  let parent: string
  let folder: string
  let server: EmbeddedPostgres
  beforeAll(async () => {
    parent = await makeParent()
    folder = join(parent, 'postgres')
    server = await startEmbeddedPostgres({ folder, settings: { max_connections: 20 } })
  })
  afterAll(async () => {
    await server.stop()
    await removeParent(parent)
  })

  test('is durable, uses UTC and UTF-8, and requires a password', async () => {
    const [row] = await query(
      server,
      `select
        current_setting('fsync') as fsync,
        current_setting('synchronous_commit') as commit,
        current_setting('data_checksums') as checksums,
        current_setting('timezone') as timezone,
        current_setting('server_encoding') as encoding,
        current_setting('max_connections') as connections`,
    )
    expect(row).toEqual({
      fsync: 'on',
      commit: 'on',
      checksums: 'on',
      timezone: 'UTC',
      encoding: 'UTF8',
      connections: '20',
    })
    const url = server.url('postgres', { user: 'postgres', password: 'wrong' })
    const stranger = connectPostgres({ url, max: 1 })
    await expect(stranger`select 1`).rejects.toThrow('password authentication failed')
    await stranger[Symbol.asyncDispose]()
  })

  test('keeps its password and its data private in the folder', async () => {
    expect((await stat(join(folder, 'password'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700)
  })

  test('owns its data as the owner of the folder, or as an unprivileged user when that is root', async () => {
    const { uid } = await stat(join(folder, 'data'))
    const owner = (await stat(parent)).uid
    expect(uid).toBe(owner === 0 ? 65534 : owner)
    expect(server.pid).toBeGreaterThan(0)
  })

  test('listens on a socket in the folder that other users cannot reach', async () => {
    expect(new URL(server.adminUrl).searchParams.get('host')).toBe(join(folder, 'socket'))
    expect((await stat(join(folder, 'socket'))).mode & 0o777).toBe(0o700)
  })
})

test('a given password is used and not stored in the folder', async () => {
  await using server = await startEmbeddedPostgres({ folder, password: 'from outside' })
  expect(new URL(server.adminUrl).password).toBe('from%20outside')
  expect(existsSync(join(folder, 'password'))).toBe(false)
  expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('Postgres listens on a local port when the path is too long for a socket', async () => {
  const long = join(parent, 'long'.repeat(20))
  await using server = await startEmbeddedPostgres({ folder: long })
  const url = new URL(server.adminUrl)
  expect([url.hostname, url.search]).toEqual(['127.0.0.1', ''])
  expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a parent that only root may enter works, or is named where the kernel does not allow it', async () => {
  await chmod(parent, 0o700)
  const start = startEmbeddedPostgres({ folder })
  const refused = 'Postgres does not run as root, and no other user can reach'
  await start.then(
    async (server) => {
      expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }])
      await server.stop()
      await using again = await startEmbeddedPostgres({ folder })
      expect(await query(again, 'select 1 as one')).toEqual([{ one: 1 }])
    },
    (error: Error) => expect(error.message).toContain(refused),
  )
})

describe('a folder that is not complete', () => {
  test('is created again after an interrupted start', async () => {
    await mkdir(join(folder, 'making-1-1/base'), { recursive: true })
    await writeFile(join(folder, 'making-1-1/PG_VERSION'), '18\n')
    await writeFile(join(folder, 'making-password'), 'old')
    await using server = await startEmbeddedPostgres({ folder })
    expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }])
    expect((await readdir(folder)).sort()).toEqual(['data', 'password', 'postgres.log', 'socket'])
  })

  test('is refused and left alone when it has another version or other content', async () => {
    await mkdir(join(folder, 'data'), { recursive: true })
    await writeFile(join(folder, 'data/letter.txt'), 'dear')
    await expect(startEmbeddedPostgres({ folder })).rejects.toThrow('is not a Postgres data folder')
    await writeFile(join(folder, 'data/PG_VERSION'), '16\n')
    await expect(startEmbeddedPostgres({ folder })).rejects.toThrow('was made by Postgres 16')
    expect(await readFile(join(folder, 'data/letter.txt'), 'utf8')).toBe('dear')
  })

  test('is named with the reason when Postgres cannot start', async () => {
    const start = startEmbeddedPostgres({ folder, settings: { shared_buffers: 'nonsense' } })
    await expect(start).rejects.toThrow(/did not start in .*invalid value for parameter/s)
  })
})
