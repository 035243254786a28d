import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '@ego/kit/process/start-error'
import { amountOf } from '../measure/rounds.ts'
import { memoryOf } from '../measure/usage.ts'
import { startPlatform } from '../platform/platform.ts'
import { makeScratch } from '../platform/scratch.ts'
import { type Row, toRow } from '../report/table.ts'
import type { Bench } from './bench.ts'

const mbMax = 350
/** A pool gives its connections back after 30 s, and with them the memory of their server processes. */
const idleSeconds = { usual: 40, quick: 1 }

/** Node and all processes of Postgres. */
export async function memoryScenario({ plan, folder }: Bench): Promise<Row[]> {
  if (process.platform !== 'linux') return []
  const seconds = amountOf(plan, idleSeconds)
  await using scratch = await makeScratch(folder)
  await using platform = await startPlatform(scratch.path)
  await sleep(seconds * 1000)
  const memory = memoryOf(platform.pid)
  if (!memory) throw new StartError('The memory of the platform cannot be read.')
  const [rss, pss] = [memory.rssMb, memory.pssMb].map((mb) => `${mb.toFixed(0)} MB`)
  return [
    toRow({
      scenario: 'embedded, idle memory',
      side: 'at most',
      limit: mbMax,
      value: memory.pssMb,
      target: `≤ ${mbMax} MB`,
      measured: pss ?? '',
      note: `PSS of node and Postgres after ${seconds} s; RSS, which counts shared pages once for each process, ${rss}`,
    }),
  ]
}
