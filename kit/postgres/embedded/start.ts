import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownLikeFolder } from '../../process/data-folder-owner.ts'
import { chooseAddress, urlAt } from './address.ts'
import { findBinaries } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import { stopLeftover } from './leftover.ts'
import { openLogFile } from './log-file.ts'
import { chooseRunAs, type RunAs } from './run-as.ts'
import { type Server, startServer } from './server.ts'
import { defaultSettings, type Settings } from './settings.ts'

export type EmbeddedPostgresOptions = {
  /** For Postgres alone, and for one launcher at a time: the caller holds the lock of the data folder. */
  folder: string
  /** The superuser's password for a new folder. Without it, one is generated and stored in the folder. */
  password?: string
  settings?: Settings
  /** Listens on this local port, instead of on a socket in the folder. */
  port?: number
  log?: (line: string) => void
  /** Called once with a sentence when Postgres ends without being stopped. */
  onExit?: (reason: string) => void
}

export interface EmbeddedPostgres extends AsyncDisposable {
  readonly adminUrl: string
  readonly pid: number
  url(database: string, login: { user: string; password: string }): string
  stop(): Promise<void>
}

const retryForMs = 10_000
const retryEveryMs = 100
// A Postgres that was killed a moment ago still has processes, or another program took the free port.
const passesByItself = /postmaster\.pid|shared memory block|could not bind|in use/

export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { log = () => {}, onExit = () => {} } = options
  const binaries = findBinaries()
  const runAs = await chooseRunAs(options.folder, binaries)
  const folder = realpathSync(options.folder)
  const password = options.password ?? readOrCreatePassword(folder)
  await ensureCluster(folder, runAs, password)
  const { server, address } = await startWithRetry({ ...options, folder }, runAs, log)
  let isStopping = false
  server.exited.then(() => {
    if (!isStopping) onExit(`Postgres ended by itself; its log is ${join(folder, 'postgres.log')}.`)
  }, onExit)
  const stop = async () => {
    isStopping = true
    await server.stop()
  }
  return {
    pid: server.pid,
    adminUrl: urlAt(address, 'postgres', { user: 'postgres', password }),
    url: (database, login) => urlAt(address, database, login),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function startWithRetry(
  { folder, settings, port }: EmbeddedPostgresOptions,
  runAs: RunAs,
  log: (line: string) => void,
) {
  const write = openLogFile(join(folder, 'postgres.log'))
  const deadline = Date.now() + retryForMs
  for (;;) {
    const { stopped, stalePid } = await stopLeftover(folder)
    if (stopped.length > 0) log(`Stopped a Postgres that was left running (pid ${stopped[0]}).`)
    const address = port ? { socketFolder: null, port } : await chooseAddress(folder, runAs)
    const options = { folder, runAs, address, stalePid, write }
    try {
      const server: Server = await startServer({
        ...options,
        settings: { ...defaultSettings, ...settings },
      })
      return { server, address }
    } catch (error) {
      const canPass = error instanceof Error && passesByItself.test(error.message)
      if (!canPass || Date.now() > deadline) throw error
      await sleep(retryEveryMs)
    }
  }
}

function readOrCreatePassword(folder: string): string {
  const file = join(folder, 'password')
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const password = randomBytes(32).toString('base64url')
  writeFileSync(file, password, { mode: 0o600, flush: true })
  ownLikeFolder(file)
  return password
}
