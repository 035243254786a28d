import { measureLoad } from '../load/load.ts'
import type { Work } from '../load/load-job.ts'
import { amountOf, interleave, type Plan } from '../measure/rounds.ts'
import { forgetPeak, peakMbOf } from '../measure/usage.ts'
import { ownerUrl } from '../platform/databases.ts'
import { doneSchema } from '../platform/job.ts'
import { runJob } from '../platform/process.ts'
import { ratioRow } from '../report/ratio-row.ts'
import type { Row } from '../report/table.ts'
import type { Bench } from './bench.ts'

type Given = {
  scenario: string
  limit: number
  /** Asked for anew in each round. */
  work: () => Promise<Work>
  /** The service whose database is used. */
  service: string
  reference: 'update' | 'two inserts'
}

/** As many wait in the platform, and in the process of the reference. */
export function connectionsOf(plan: Plan): number {
  return amountOf(plan, { usual: 32, quick: 8 })
}

/** A write, compared with the statements that it cannot do without, in the same Postgres. */
export async function besideDatabase(bench: Bench, given: Given): Promise<Row> {
  const { scenario, limit, service, reference } = given
  const platform = await bench.platform()
  const connections = connectionsOf(bench.plan)
  const url = await ownerUrl(platform.folder, service)
  forgetPeak(platform.pid)
  const comparison = await interleave(bench.plan, {
    async product(seconds) {
      return measureLoad(platform, { connections, seconds, work: await given.work() })
    },
    async reference(seconds) {
      const job = { url, work: reference, clients: connections, seconds }
      const done = await runJob('scenarios/reference-database.ts', job, doneSchema)
      return { rate: done.count / done.seconds, cpuMicros: null }
    },
  })
  const load = `${connections} at once`
  const peakMb = peakMbOf(platform.pid)
  return ratioRow({ scenario, limit, comparison, besides: reference, peakMb, load })
}
