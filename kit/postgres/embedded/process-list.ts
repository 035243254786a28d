import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A zombie, which ended but was not reaped, as in a container without init, is not alive. */
export function isAlive(pid: number): boolean {
  return send(pid, 0) && stateOf(pid) !== 'Z'
}

/** Returns whether the process exists. */
export function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/** Finds the processes of a Postgres by their working directory, its data folder, also when the main process was killed. */
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
  // The state follows the name, which is in parentheses and may contain some itself.
  const text = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  return text?.slice(text.lastIndexOf(')') + 2)[0]
}

function unlessGone(read: () => string): string | null {
  try {
    return read()
  } catch {
    // The process has ended, belongs to another user, or the system has no /proc.
    return null
  }
}
