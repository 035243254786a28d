import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** What Linux tells of a process; nothing elsewhere. */
export type Memory = { rssMb: number; pssMb: number }

// USER_HZ is 100 on every platform that we run on.
const tickMs = 10

/** Processor time of the process and of all below it, those that have ended included. */
export function cpuMsOf(pid: number): number | null {
  const stats = treeOf(pid).map(readStat)
  if (stats.length === 0) return null
  return stats.reduce((sum, stat) => sum + (stat?.cpuMs ?? 0), 0)
}

/** The most memory that the process alone has held since `forgetPeak`. */
export function peakMbOf(pid: number): number | null {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readIfThere(`/proc/${pid}/status`))?.[1]
  return kib === undefined ? null : Number(kib) / 1024
}

export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
  } catch {
    // The peak is then that of the whole life of the process, which is no less true.
  }
}

/** Of the process and all below it. The sum of RSS counts what they share once for each; that of PSS counts it once. */
export function memoryOf(pid: number): Memory | null {
  const texts = treeOf(pid).map((each) => readIfThere(`/proc/${each}/smaps_rollup`))
  const sumOf = (name: string) =>
    texts.reduce(
      (sum, text) => sum + Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0),
      0,
    )
  const rssMb = sumOf('Rss') / 1024
  return rssMb === 0 ? null : { rssMb, pssMb: sumOf('Pss') / 1024 }
}

/** The process and all below it; none where the system does not tell. */
export function treeOf(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of listIfThere('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null
    if (stat) parents.set(Number(name), stat.parent)
  }
  return parents.has(pid) ? [pid, ...below(pid, parents)] : []
}

function below(pid: number, parents: ReadonlyMap<number, number>): number[] {
  const children = [...parents].filter(([, parent]) => parent === pid).map(([child]) => child)
  return children.flatMap((child) => [child, ...below(child, parents)])
}

function readStat(pid: number) {
  return parseStat(readIfThere(`/proc/${pid}/stat`))
}

/** The second field is the name of the program, in parentheses, and may hold anything. */
export function parseStat(text: string): { parent: number; cpuMs: number } | null {
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [, parent, , , , , , , , , , user, system, endedUser, endedSystem] = fields
  if (parent === undefined || user === undefined) return null
  const ticks = user + (system ?? 0) + (endedUser ?? 0) + (endedSystem ?? 0)
  return { parent, cpuMs: ticks * tickMs }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function listIfThere(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
