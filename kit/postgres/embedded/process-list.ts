import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process that has ended but was not collected, as in a container without init, is not alive. */
export function isAlive(pid: number): boolean {
  return send(pid, 0) && stateOf(pid) !== 'Z'
}

/** Whether there was such a process. */
export function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/** Every process of a Postgres works in its data folder, also those whose main process was killed. */
export function processesIn(folder: string): number[] {
  if (!existsSync('/proc/self/cwd')) return []
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids
    .filter((pid) => unlessGone(() => readlinkSync(`/proc/${pid}/cwd`)) === folder)
    .map(Number)
}

export function commandOf(pid: number): string {
  if (existsSync('/proc/self/cmdline')) {
    return unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? ''
  }
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)]).stdout?.toString() ?? ''
}

function stateOf(pid: number): string | undefined {
  // The name before the state is in parentheses, and may hold some of its own.
  const text = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  return text?.slice(text.lastIndexOf(')') + 2)[0]
}

function unlessGone(read: () => string): string | null {
  try {
    return read()
  } catch {
    // Gone meanwhile, another user's, or a system without /proc.
    return null
  }
}
