import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandOf, isAlive, processesIn, send } from './process-list.ts'

const fastShutdownMs = 8_000
const immediateShutdownMs = 2_000
const pollMs = 10

export type Leftover = { stopped: number[]; stalePid: number | null }

/**
 * Stops the processes that a killed launcher left running on this data folder. The pid in a pid file may belong to an
 * unrelated process by now: that one is returned as stale and left alone.
 */
export async function stopLeftover(folder: string): Promise<Leftover> {
  const data = join(folder, 'data')
  const pid = readPid(data)
  if (pid === null) return { stopped: [], stalePid: null }
  const pids = new Set(processesIn(data))
  const isOurs = isAlive(pid) && (pids.has(pid) || commandOf(pid).includes(data))
  if (isOurs) pids.add(pid)
  await shutDown(pids, isOurs ? pid : null)
  return { stopped: [...pids], stalePid: isOurs ? null : pid }
}

async function shutDown(pids: Set<number>, main: number | null): Promise<void> {
  for (const [signal, waitMs] of shutdowns) {
    // The main process stops its children; without it, each must be stopped.
    const targets = main !== null && isAlive(main) ? [main] : pids
    for (const pid of targets) send(pid, signal)
    if (await areGone(pids, waitMs)) return
  }
}

const shutdowns = [
  ['SIGINT', fastShutdownMs],
  ['SIGQUIT', immediateShutdownMs],
  ['SIGKILL', immediateShutdownMs],
] as const

function readPid(data: string): number | null {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return null
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  return pid > 0 ? pid : null
}

async function areGone(pids: Set<number>, waitMs: number): Promise<boolean> {
  const deadline = Date.now() + waitMs
  while ([...pids].some(isAlive)) {
    if (Date.now() > deadline) return false
    await sleep(pollMs)
  }
  return true
}
