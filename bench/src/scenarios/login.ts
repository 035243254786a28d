import { availableParallelism } from 'node:os'
import { type Member, registerMembers } from '../data/members.ts'
import { measureLoad } from '../load/load.ts'
import { amountOf, interleave } from '../measure/rounds.ts'
import { forgetPeak, peakMbOf } from '../measure/usage.ts'
import { openDatabaseOf } from '../platform/databases.ts'
import { doneSchema } from '../platform/job.ts'
import { runJob } from '../platform/process.ts'
import { ratioRow } from '../report/ratio-row.ts'
import type { Row } from '../report/table.ts'
import type { Bench } from './bench.ts'

/** More than the platform hashes at the same time, so that it always has something to hash. */
const clients = availableParallelism() * 4

export async function loginScenario({ plan, platform: start }: Bench): Promise<Row[]> {
  const platform = await start()
  const known = await registerMembers(platform.url, amountOf(plan, { usual: 16, quick: 2 }))
  const password = known[0]?.password ?? ''
  const hash = await readHash(platform.folder, known[0])
  const work = { kind: 'login' as const, names: known.map(({ username }) => username), password }
  forgetPeak(platform.pid)
  const comparison = await interleave(plan, {
    product: (seconds) => measureLoad(platform, { connections: clients, seconds, work }),
    async reference(seconds) {
      const job = { hash, password, clients, seconds }
      const done = await runJob('scenarios/reference-argon2.ts', job, doneSchema)
      return { rate: done.count / done.seconds, cpuMicros: null }
    },
  })
  const peakMb = peakMbOf(platform.pid)
  const load = `${clients} at once, ${parametersOf(hash)}`
  return [
    ratioRow({
      scenario: 'gateway, login',
      limit: 0.9,
      comparison,
      besides: 'argon2id',
      peakMb,
      load,
    }),
  ]
}

/** What the platform has stored has the parameters that it hashes with. */
async function readHash(folder: string, member: Member | undefined): Promise<string> {
  await using sql = await openDatabaseOf(folder, 'auth')
  const [row] = await sql<{ password_hash: string }[]>`
    select password_hash
    from account
    where user_id = ${member?.userId ?? null}`
  return row?.password_hash ?? ''
}

function parametersOf(hash: string): string {
  return hash.split('$')[3] ?? ''
}
