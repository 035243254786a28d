import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '../../process/start-error.ts'
import { type Address, listenOptions } from './address.ts'
import { parentDeathPrefix } from './parent-death.ts'
import { bareEnvironment, type RunAs } from './run-as.ts'
import { type Settings, settingOptions } from './settings.ts'

/** A Postgres that accepts connections. `exited` settles when the process has ended, for whatever reason. */
export type Server = { pid: number; exited: Promise<void>; stop(): Promise<void> }

type Options = {
  folder: string
  runAs: RunAs
  address: Address
  settings: Settings
  stalePid: number | null
  write: (text: string) => void
}

const readyPollMs = 3
// Recovery after a crash replays at most max_wal_size, but a disk may be slow.
const readyTimeoutMs = 60_000
const fastShutdownMs = 7_000
const immediateShutdownMs = 1_000
const tailLength = 2_000

export async function startServer(options: Options): Promise<Server> {
  const child = spawnPostgres(options)
  let tail = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = `${tail}${chunk}`.slice(-tailLength)
    options.write(String(chunk))
  })
  // 'exit' and not 'close': a child of the server may hold its output open for a moment longer.
  const exited = once(child, 'exit').then(() => {})
  const onLauncherExit = () => child.kill('SIGINT')
  process.once('exit', onLauncherExit)
  exited.finally(() => process.off('exit', onLauncherExit)).catch(() => {})
  if (!(await isReady(child, exited, join(options.folder, 'data')))) {
    await stop(child, exited)
    throw new StartError(`Postgres did not start in ${options.folder}: ${tail.trim()}`)
  }
  return { pid: child.pid ?? 0, exited, stop: () => stop(child, exited) }
}

function spawnPostgres({ folder, runAs, address, settings, stalePid }: Options): ChildProcess {
  const data = join(folder, 'data')
  const [command = '', ...args] = [
    ...runAs.prefix,
    ...parentDeathPrefix('INT'),
    runAs.binaries.postgres,
    '-D',
    data,
    ...listenOptions(address),
    ...settingOptions(settings),
  ]
  return spawn(command, args, {
    ...runAs.user,
    cwd: data,
    // Postgres ignores a pid file with this pid, which belongs to an unrelated process by now.
    env: stalePid ? { ...bareEnvironment, PG_GRANDPARENT_PID: String(stalePid) } : bareEnvironment,
    stdio: ['ignore', 'ignore', 'pipe'],
    // In a process group of its own, so that Ctrl-C reaches the launcher only and requests drain before Postgres stops.
    detached: true,
  })
}

async function isReady(child: ChildProcess, exited: Promise<void>, data: string) {
  const deadline = Date.now() + readyTimeoutMs
  let isGone = false
  exited.then(
    () => {
      isGone = true
    },
    () => {
      isGone = true
    },
  )
  while (!isGone && Date.now() < deadline) {
    if (statusOf(data, child.pid) === 'ready') return true
    await sleep(readyPollMs)
  }
  return false
}

/** Postgres writes its state into the last line of its pid file, which pg_ctl reads too. */
function statusOf(data: string, pid: number | undefined): string | null {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return null
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines[0] === String(pid) ? (lines[7]?.trim() ?? null) : null
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  for (const [signal, waitMs] of shutdowns) {
    child.kill(signal)
    const isGone = await Promise.race([
      exited.then(() => true),
      sleep(waitMs, false, { ref: false }),
    ])
    if (isGone) return
  }
}

const shutdowns = [
  ['SIGINT', fastShutdownMs],
  ['SIGQUIT', immediateShutdownMs],
  ['SIGKILL', immediateShutdownMs],
] as const
