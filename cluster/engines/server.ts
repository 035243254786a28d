import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentDeathPrefix } from '../../kit/postgres/embedded/parent-death.ts'

const startMsMax = 60_000
const pollMs = 50
const stopMsMax = 10_000

export type Command = { command: string; args: string[]; env: Record<string, string> }

/** `ended` resolves when the process has ended, for whatever reason. */
export type Server = AsyncDisposable & { pid: number; ended: Promise<void> }

/** The exit code of `setpriv` when the command is missing. */
const commandMissing = 127

/** Starts a process with its own folder, which is removed when it ends. Resolves once `isReady` resolves with true. */
export async function startServer(
  name: string,
  prepare: (folder: string) => Promise<Command>,
  isReady: () => Promise<boolean>,
): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), `ego-${name}-`))
  await using building = new AsyncDisposableStack()
  building.defer(() => rm(folder, { recursive: true, force: true }))
  const { env, ...program } = await prepare(folder)
  const [command = '', ...args] = [...parentDeathPrefix('KILL'), program.command, ...program.args]
  const logPath = join(folder, 'output.log')
  await using log = await open(logPath, 'w')
  const child = spawn(command, args, {
    // The process does not inherit the developer's settings.
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    cwd: folder,
    stdio: ['ignore', log.fd, log.fd],
    // In a process group of its own, so that Ctrl-C reaches only this process, and the users of the server stop first.
    detached: true,
  })
  await once(child, 'spawn')
  const closed = once(child, 'close')
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  building.defer(async () => {
    if (hasEnded()) return
    child.kill('SIGTERM')
    const hanging = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
    await closed
    clearTimeout(hanging)
  })
  if (await becomesReady(isReady, hasEnded)) {
    return Object.assign(building.move(), { pid: child.pid ?? 0, ended: closed.then(() => {}) })
  }
  if (child.exitCode === commandMissing) {
    throw Object.assign(new Error(`There is no ${program.command}.`), { code: 'ENOENT' })
  }
  throw new Error(`${name} did not start:\n${await readFile(logPath, 'utf8')}`)
}

async function becomesReady(isReady: () => Promise<boolean>, hasEnded: () => boolean) {
  const deadline = Date.now() + startMsMax
  while (Date.now() < deadline && !hasEnded()) {
    if (await isReady()) return true
    await sleep(pollMs)
  }
  return false
}

export async function answersOk(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => null)
  await response?.body?.cancel()
  return response?.ok ?? false
}
