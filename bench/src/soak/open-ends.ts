import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { treeOf } from '../measure/usage.ts'

/** What a leak would leave: of Node itself, and the connections that Postgres serves. */
export type OpenEnds = { files: number; sockets: number; databaseConnections: number }

const pollMs = 1_000

export function countOpenEnds(pid: number): OpenEnds {
  const folder = `/proc/${pid}/fd`
  const targets = readdirSync(folder).map((name) => linkOf(`${folder}/${name}`))
  return {
    files: targets.length,
    sockets: targets.filter((target) => target.startsWith('socket:')).length,
    databaseConnections: treeOf(pid).filter(isServingAService).length,
  }
}

/** Waits until no more is open than before, or gives up and answers what still is. */
export async function settledEnds(pid: number, before: OpenEnds, msMax: number): Promise<OpenEnds> {
  for (const deadline = Date.now() + msMax; ; await sleep(pollMs)) {
    const now = countOpenEnds(pid)
    if (leaksOf(before, now).length === 0 || Date.now() > deadline) return now
  }
}

/** A sentence for each kind of which more is open than before. */
export function leaksOf(before: OpenEnds, after: OpenEnds): string[] {
  const kinds = ['files', 'sockets', 'databaseConnections'] as const
  return kinds
    .filter((kind) => after[kind] > before[kind])
    .map((kind) => `${words[kind]}: ${before[kind]} before, ${after[kind]} after`)
}

const words = {
  files: 'open files',
  sockets: 'sockets',
  databaseConnections: 'connections of Postgres',
} as const

/** Postgres names the role in the title of each of its processes: `postgres: auth_app auth [local] idle`. */
function isServingAService(pid: number): boolean {
  return /^postgres: \w+_(app|owner) /.test(commandOf(pid))
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
