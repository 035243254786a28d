import type { Slopes } from './memory.ts'
import { leaksOf, type OpenEnds } from './open-ends.ts'
import type { TrafficResult } from './traffic-job.ts'

export type Soaked = { traffic: TrafficResult; before: OpenEnds; after: OpenEnds; memory: Slopes }
export type Check = { text: string; isGood: boolean }

/** The caches are bounded, but not full after some minutes: new tokens alone make them grow by some megabytes. */
export const heapMbPerHourMax = 100
/** Of what the heap gives back, the process keeps some for a while. */
export const rssMbPerHourMax = 200
const samplesMin = 20

export function checksOf({ traffic, before, after, memory }: Soaked): Check[] {
  const leaks = leaksOf(before, after)
  const refused = Object.entries(traffic.statuses).filter(([status]) => !status.startsWith('2'))
  const counts = refused.map(([status, count]) => `${count} × ${status}`).join(', ')
  return [
    {
      text: `${traffic.requests} requests; other answers than 2xx: ${counts || 'none'}`,
      isGood: refused.length === 0 && traffic.requests > 0,
    },
    {
      text:
        leaks.join('; ') ||
        `nothing is left open: ${after.files} files, ${after.sockets} sockets, ${after.databaseConnections} connections of Postgres`,
      isGood: leaks.length === 0,
    },
    slopeCheck('heap', memory.heapMb, memory.heapMbPerHour, heapMbPerHourMax, memory.samples),
    slopeCheck('RSS', memory.rssMb, memory.rssMbPerHour, rssMbPerHourMax, memory.samples),
  ]
}

/** A few samples have a slope that says nothing. */
function slopeCheck(name: string, mb: number, slope: number, max: number, samples: number): Check {
  const text = `${name} ${mb.toFixed(0)} MB, ${slope >= 0 ? '+' : ''}${slope.toFixed(0)} MB an hour (at most ${max})`
  if (samples < samplesMin)
    return { text: `${text}, not judged: only ${samples} samples`, isGood: true }
  return { text, isGood: slope <= max }
}
