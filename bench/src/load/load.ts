import type { Run } from '../measure/rounds.ts'
import { cpuMsOf } from '../measure/usage.ts'
import { doneSchema } from '../platform/job.ts'
import { runJob, type Server } from '../platform/process.ts'
import type { LoadJob, Work } from './load-job.ts'
import { hasWrk, runWrk } from './wrk.ts'

const isWrkThere = hasWrk()

/** For the table; only wrk does not slow down the servers that it asks. */
export const generator = isWrkThere ? 'wrk -t1' : 'our own loader'

export type Load = { connections: number; seconds: number; work: Work }

/** The load comes from another process; the time is that of the server and its children. */
export async function measureLoad(server: Server, load: Load): Promise<Run> {
  const cpuMsBefore = cpuMsOf(server.pid)
  const { count, seconds } = await generate({ url: server.url, ...load })
  const cpuMsAfter = cpuMsOf(server.pid)
  const isKnown = cpuMsBefore !== null && cpuMsAfter !== null
  return {
    rate: count / seconds,
    cpuMicros: isKnown ? ((cpuMsAfter - cpuMsBefore) * 1000) / count : null,
  }
}

function generate(job: LoadJob): Promise<{ count: number; seconds: number }> {
  return isWrkThere ? runWrk(job) : runJob('load/loader.ts', job, doneSchema)
}
