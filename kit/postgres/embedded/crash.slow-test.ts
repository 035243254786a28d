import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectPostgres } from '../postgres.ts'
import { findBinaries } from './binaries.ts'
import { isAlive } from './process-list.ts'
import { bareEnvironment, chooseRunAs } from './run-as.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './start.ts'

const launcherFile = fileURLToPath(new URL('../../testing/postgres-launcher.ts', import.meta.url))

let folder: string

async function makeParent(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'ego-crash-'))
  // When root starts it, Postgres runs as another user, who must be able to pass through.
  await chmod(parent, 0o711)
  return parent
}

const removeParent = (parent: string) => rm(parent, { recursive: true, force: true, maxRetries: 5 })

type Launcher = { child: ChildProcess; pid: Promise<number>; acknowledged: number[] }

function launch(): Launcher {
  const child = spawn(process.execPath, [launcherFile, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: number[] = []
  const pid = Promise.withResolvers<number>()
  if (!child.stdout) throw new Error('The launcher has no output.')
  createInterface(child.stdout).on('line', (line) => {
    if (line.startsWith('pid ')) pid.resolve(Number(line.slice(4)))
    else acknowledged.push(Number(line))
  })
  return { child, pid: pid.promise, acknowledged }
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

async function numbersIn(server: EmbeddedPostgres): Promise<Set<number>> {
  const sql = connectPostgres({ url: server.adminUrl, max: 1 })
  const rows = await sql<{ number: number }[]>`select number from written`
  await sql[Symbol.asyncDispose]()
  return new Set(rows.map(({ number }) => number))
}

describe('a launcher that is killed', () => {
  let parent: string
  beforeEach(async () => {
    parent = await makeParent()
    folder = join(parent, 'postgres')
  })
  afterEach(() => removeParent(parent))

  test('three times under writes loses no acknowledged row and leaves no process', async () => {
    const acknowledged: number[] = []
    const pids: number[] = []
    for (let round = 1; round <= 3; round += 1) {
      const launcher = launch()
      pids.push(await launcher.pid)
      await expect
        .poll(() => launcher.acknowledged.length, { timeout: 15_000 })
        .toBeGreaterThan(300)
      await kill(launcher.child)
      acknowledged.push(...launcher.acknowledged)
    }
    const server = await startEmbeddedPostgres({ folder })
    const kept = await numbersIn(server)
    expect(acknowledged.filter((number) => !kept.has(number))).toEqual([])
    await server.stop()
    expect([...pids, server.pid].filter(isAlive)).toEqual([])
  }, 60_000)

  test('while it creates the data folder does not keep the next one from creating it', async () => {
    for (const afterMs of [0, 60, 250]) {
      const launcher = launch()
      await expect.poll(() => listMaking(), { timeout: 10_000, interval: 5 }).not.toEqual([])
      await new Promise((resolve) => setTimeout(resolve, afterMs))
      await kill(launcher.child)
    }
    const launcher = launch()
    await expect.poll(() => launcher.acknowledged.length, { timeout: 15_000 }).toBeGreaterThan(10)
    await kill(launcher.child)
    expect(await listMaking()).toEqual([])
  }, 60_000)
})

// These tests share a data folder, because creating one takes longer than any of them. Each leaves Postgres stopped.
describe('on an existing data folder', () => {
  let parent: string
  beforeAll(async () => {
    parent = await makeParent()
    folder = join(parent, 'postgres')
    await (await startEmbeddedPostgres({ folder })).stop()
  })
  afterAll(() => removeParent(parent))

  test('a Postgres killed under writes is reported, and the next start loses no acknowledged row', async () => {
    const reasons: string[] = []
    const server = await startEmbeddedPostgres({ folder, onExit: (reason) => reasons.push(reason) })
    const sql = connectPostgres({ url: server.adminUrl, max: 4 })
    await sql`create table written (number integer primary key)`
    const acknowledged: number[] = []
    const writers = [1, 2, 3, 4].map(async (first) => {
      for (let number = first; ; number += 4) {
        await sql`insert into written (number) values (${number})`
        acknowledged.push(number)
      }
    })
    const ends = Promise.allSettled(writers)
    await expect.poll(() => acknowledged.length, { timeout: 15_000 }).toBeGreaterThan(300)
    process.kill(server.pid, 'SIGKILL')
    await ends
    await sql[Symbol.asyncDispose]()
    await expect.poll(() => reasons).toHaveLength(1)
    expect(reasons[0]).toContain('Postgres ended by itself')
    await using again = await startEmbeddedPostgres({ folder })
    const kept = await numbersIn(again)
    expect(acknowledged.filter((number) => !kept.has(number))).toEqual([])
  }, 60_000)

  test('a stop that was asked for is not reported as an exit', async () => {
    const reasons: string[] = []
    const server = await startEmbeddedPostgres({ folder, onExit: (reason) => reasons.push(reason) })
    await server.stop()
    await server.stop()
    expect(reasons).toEqual([])
    expect(isAlive(server.pid)).toBe(false)
  })

  test('a Postgres that outlived its launcher is stopped by the next start', async () => {
    const { prefix, user, binaries } = await chooseRunAs(folder, findBinaries())
    const data = join(folder, 'data')
    const socket = ['-k', join(folder, 'socket'), '-h', '']
    const [command = '', ...args] = [...prefix, binaries.postgres, '-D', data, ...socket]
    const orphan = spawn(command, args, { ...user, env: bareEnvironment, stdio: 'ignore' })
    const exited = once(orphan, 'exit')
    await expect.poll(() => statusOf(data)).toBe('ready')
    const lines: string[] = []
    await using _server = await startEmbeddedPostgres({ folder, log: (line) => lines.push(line) })
    await exited
    expect(lines).toEqual([`Stopped a Postgres that was left running (pid ${orphan.pid}).`])
  })

  test('a pid file with the pid of an unrelated process is ignored, and that process lives on', async () => {
    const server = await startEmbeddedPostgres({ folder })
    const pidFile = join(folder, 'data/postmaster.pid')
    const [, ...rest] = readFileSync(pidFile, 'utf8').split('\n')
    process.kill(server.pid, 'SIGKILL')
    await expect.poll(() => isAlive(server.pid)).toBe(false)
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    writeFileSync(pidFile, [stranger.pid, ...rest].join('\n'))
    await using _again = await startEmbeddedPostgres({ folder })
    expect(isAlive(stranger.pid ?? 0)).toBe(true)
    stranger.kill('SIGKILL')
  })

  test('the log file is rotated at its size limit', async () => {
    appendFileSync(join(folder, 'postgres.log'), 'x'.repeat(3 * 1024 * 1024))
    await (await startEmbeddedPostgres({ folder })).stop()
    expect((await readdir(folder)).sort()).toContain('postgres.log.1')
    expect(readFileSync(join(folder, 'postgres.log')).length).toBeLessThan(10_000)
  })
})

function statusOf(data: string): string | undefined {
  const file = join(data, 'postmaster.pid')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n')[7]?.trim() : undefined
}

async function listMaking(): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => name.startsWith('making-'))
}
