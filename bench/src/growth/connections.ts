import { registerMembers } from '../data/members.ts'
import { measureLoad } from '../load/load.ts'
import { medianOf } from '../measure/statistics.ts'
import { startPlatform } from '../platform/platform.ts'
import { makeScratch } from '../platform/scratch.ts'
import { type Given, measureSizes } from './measure.ts'
import type { Series } from './series.ts'

const rounds = 3

/** A request that asks verify, through the gateway, while more and more send one at the same time. */
export async function growthOfConnections(given: Given): Promise<Series[]> {
  await using scratch = await makeScratch(given.folder)
  await using platform = await startPlatform(scratch.path)
  const [member] = await registerMembers(platform.url, 1)
  const headers = { authorization: `Bearer ${member?.accessToken}` }
  const work = { kind: 'get' as const, path: '/users/me', headers }
  const { seconds } = given.plan
  await measureLoad(platform, { connections: 16, seconds: Math.min(2, seconds), work })
  return await measureSizes(
    given,
    { of: 'connections', unit: 'µs of CPU' },
    async (connections) => {
      const costs: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        const { rate, cpuMicros } = await measureLoad(platform, { connections, seconds, work })
        // Where the system tells no processor time, a busy server shows it in its rate.
        costs.push(cpuMicros ?? 1_000_000 / rate)
      }
      return { 'verify and GET /users/me': medianOf(costs) }
    },
  )
}
