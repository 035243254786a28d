import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { slopeOf } from '../measure/statistics.ts'

const sample = z.object({ atMs: z.number(), heapUsed: z.number(), rss: z.number() })
export type Sample = z.output<typeof sample>

export type Slopes = {
  samples: number
  heapMbPerHour: number
  rssMbPerHour: number
  heapMb: number
  rssMb: number
}

/** Caches fill and code is compiled in the beginning. */
const warmUpShare = 0.3
const hourMs = 3_600_000
const mb = 2 ** 20

/** What the platform has told; a line that is just being written is not whole. */
export function readSamples(file: string): Sample[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
  return lines.map((line) => sample.parse(JSON.parse(line)))
}

/** How memory has grown between the two moments, without the warm-up. */
export function slopesOf(samples: readonly Sample[], fromMs: number, toMs: number): Slopes {
  const begin = fromMs + (toMs - fromMs) * warmUpShare
  const counted = samples.filter(({ atMs }) => atMs >= begin && atMs <= toMs)
  const slope = (read: (sample: Sample) => number) =>
    (slopeOf(counted.map((each) => ({ x: each.atMs, y: read(each) }))) * hourMs) / mb
  const last = counted.at(-1)
  return {
    samples: counted.length,
    heapMbPerHour: slope((each) => each.heapUsed),
    rssMbPerHour: slope((each) => each.rss),
    heapMb: (last?.heapUsed ?? 0) / mb,
    rssMb: (last?.rss ?? 0) / mb,
  }
}
