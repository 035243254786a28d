import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentDeathPrefix } from '../../kit/postgres/embedded/parent-death.ts'
import { StartError } from '../../kit/process/start-error.ts'
import type { OnEnd, Part } from './part.ts'

export type ProcessOptions = {
  name: string
  address: string
  command: string
  args: readonly string[]
  /** The complete environment: the process does not inherit the developer's settings. */
  env: Record<string, string>
  cwd: string
  logPath: string
  isReady(): Promise<boolean>
  onEnd: OnEnd
}

const startMsMax = 60_000
const pollMs = 50
// A service drains for ten seconds at most.
const stopMsMax = 15_000
const tailLength = 1_500

export function processPart(options: ProcessOptions): Part {
  const { name, address, onEnd, logPath } = options
  let running: { child: ChildProcess; closed: Promise<unknown> } | null = null
  let isEnding = false
  return {
    name,
    address,
    async start(signal) {
      isEnding = false
      const child = await spawnInto(options)
      const closed = once(child, 'close')
      running = { child, closed }
      const isReady = await becomesReady(options, child, signal)
      if (!isReady) throw new StartError(await describe(options, signal))
      child.once('close', (code, how) => {
        if (!isEnding) onEnd(`${name} ended by itself (${how ?? code}); its log is ${logPath}.`)
      })
    },
    async stop(ending) {
      isEnding = true
      if (!running) return
      const { child, closed } = running
      running = null
      if (hasEnded(child)) return
      child.kill(ending === 'killed' ? 'SIGKILL' : 'SIGTERM')
      const hanging = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
      await closed
      clearTimeout(hanging)
    },
  }
}

async function spawnInto({ command, args, env, cwd, logPath }: ProcessOptions) {
  const [program = '', ...rest] = [...parentDeathPrefix('INT'), command, ...args]
  await using log = await open(logPath, 'a', 0o600)
  const child = spawn(program, rest, {
    env,
    cwd,
    stdio: ['ignore', log.fd, log.fd],
    // In a process group of its own, so that Ctrl-C reaches only the runner, which stops the parts in order.
    detached: true,
  })
  await once(child, 'spawn')
  return child
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function becomesReady(
  { isReady }: ProcessOptions,
  child: ChildProcess,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = Date.now() + startMsMax
  while (Date.now() < deadline && !hasEnded(child) && !signal.aborted) {
    if (await isReady()) return true
    await sleep(pollMs)
  }
  return false
}

async function describe({ name, logPath }: ProcessOptions, signal: AbortSignal): Promise<string> {
  if (signal.aborted) return 'Stopped while it started.'
  const log = await readFile(logPath, 'utf8')
  return `${name} did not start; the end of ${logPath}:\n${log.slice(-tailLength).trim()}`
}
