import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Spread, spreadOf } from '../measure/statistics.ts'
import { startPlatform } from '../platform/platform.ts'
import { makeScratch } from '../platform/scratch.ts'
import { type Row, toRow } from '../report/table.ts'
import type { Bench } from './bench.ts'

const firstSecondsMax = 4
const laterSecondsMax = 2
const compiled = fileURLToPath(new URL('../../../node_modules/.cache/compile', import.meta.url))

/** From the command to the first 200 of a service, through the gateway. */
export async function startScenario({ plan, folder }: Bench): Promise<Row[]> {
  const first: number[] = []
  const later: number[] = []
  for (let round = 0; round < plan.rounds; round += 1) {
    await using scratch = await makeScratch(folder)
    first.push(await uncompiled(() => startSeconds(scratch.path)))
    later.push(await startSeconds(scratch.path))
  }
  const note = `${plan.rounds} starts by scripts/startup.sh`
  return [
    row('embedded, first start', firstSecondsMax, spreadOf(first), `${note}, nothing compiled yet`),
    row('embedded, later start', laterSecondsMax, spreadOf(later), note),
  ]
}

async function startSeconds(folder: string): Promise<number> {
  const begin = performance.now()
  await using _ = await startPlatform(folder)
  return (performance.now() - begin) / 1000
}

/** As after an install: Node has kept nothing yet of what it compiles. */
async function uncompiled<T>(work: () => Promise<T>): Promise<T> {
  const aside = `${compiled}-aside-${process.pid}`
  const isThere = existsSync(compiled)
  if (isThere) await rename(compiled, aside)
  try {
    return await work()
  } finally {
    // What was compiled meanwhile is newer, and is all that a start needs.
    if (isThere) await rm(aside, { recursive: true, force: true })
  }
}

function row(scenario: string, limit: number, spread: Spread, note: string): Row {
  const [median, min, max] = [spread.median, spread.min, spread.max].map((n) => n.toFixed(2))
  return toRow({
    scenario,
    side: 'at most',
    limit,
    value: spread.median,
    target: `≤ ${limit} s`,
    measured: `${median} s (${min}–${max})`,
    note,
  })
}
