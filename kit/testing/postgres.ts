import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serviceNames } from '@ego/contracts/services'
import type { TestProject } from 'vitest/node'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../postgres/embedded/start.ts'
import { type MigrationSet, migrate, serviceMigrations } from '../postgres/migrate.ts'
import { connectPostgres } from '../postgres/postgres.ts'
import { createServiceDatabase } from '../postgres/service-database.ts'

/** What a test file needs to create its own database. All roles have the same password. */
export type TestPostgres = { adminUrl: string; password: string; templates: string[] }

declare module 'vitest' {
  interface ProvidedContext {
    testPostgres: TestPostgres
  }
}

const testPassword = 'test'

const repository = new URL('../../', import.meta.url)
const prefix = 'ego-test-'
const memoryFolder = '/dev/shm'
const memoryBytesMin = 2 * 1024 ** 3

// Twenty test files run at once, each with a pool or two, and nothing has to survive a power cut.
const testSettings = {
  max_connections: 300,
  shared_buffers: '64MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
}

/** The globalSetup of vitest: starts one Postgres for the whole run, with a migrated template for each service. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { server, stop } = await startServer()
  try {
    const templates = await makeTemplates(server)
    project.provide('testPostgres', {
      adminUrl: server.adminUrl,
      password: testPassword,
      templates,
    })
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

async function startServer() {
  const parent = await temporaryFolder()
  await removeAbandoned(parent)
  const folder = await mkdtemp(join(parent, `${prefix}${process.pid}-`))
  // When root starts it, Postgres runs as another user, who must be able to pass through.
  await chmod(folder, 0o711)
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const server = await startEmbeddedPostgres({
      folder: join(folder, 'postgres'),
      settings: testSettings,
    })
    const stop = async () => {
      await server.stop()
      await remove()
    }
    return { server, stop }
  } catch (error) {
    await remove()
    throw error
  }
}

/** A database has three hundred files, which are copied ten times as fast in memory as on some disks. */
async function temporaryFolder(): Promise<string> {
  if (!existsSync(memoryFolder)) return tmpdir()
  const { bavail, bsize } = await statfs(memoryFolder)
  return bavail * bsize > memoryBytesMin ? memoryFolder : tmpdir()
}

/** Removes the folders that killed runs left behind, possibly in memory. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : 0
    if (pid > 0 && !isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function makeTemplates(server: EmbeddedPostgres): Promise<string[]> {
  const templates = listTemplates()
  for (const { name, sets } of templates) await makeTemplate(server, name, sets)
  return templates.map(({ name }) => name)
}

function listTemplates(): { name: string; sets: MigrationSet[] }[] {
  const templates = ['kit', ...serviceNames].map((name) => {
    const sets = serviceMigrations(name, new URL(`${name}/migrations/`, repository))
    return { name, sets: name === 'kit' ? sets.slice(0, 1) : sets }
  })
  return templates.filter(({ sets }) => sets.every(({ folder }) => existsSync(folder)))
}

async function makeTemplate(server: EmbeddedPostgres, name: string, sets: MigrationSet[]) {
  const passwords = { ownerPassword: testPassword, appPassword: testPassword }
  await createServiceDatabase(server.adminUrl, { name, ...passwords })
  const url = server.url(name, { user: `${name}_owner`, password: testPassword })
  // A template can be copied only while there is no connection to it, so this one is closed.
  await using owner = connectPostgres({ url, max: 1 })
  await migrate(owner, sets)
}
