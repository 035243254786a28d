import type { Comparison } from '../measure/rounds.ts'
import type { Spread } from '../measure/statistics.ts'
import { type Row, toRow } from './table.ts'

type Given = {
  scenario: string
  limit: number
  comparison: Comparison
  /** What the reference is called. */
  besides: string
  peakMb: number | null
  /** How the load was made. */
  load: string
}

/** The row of a scenario that is compared with a reference. */
export function ratioRow({ scenario, limit, comparison, besides, peakMb, load }: Given): Row {
  const { ratio, product, reference, cpuMicros } = comparison
  const parts = [
    `${perSecond(product)}, ${besides} ${perSecond(reference)}`,
    ...cpuOf(cpuMicros, besides),
    ...(peakMb === null ? [] : [`peak ${peakMb.toFixed(0)} MB`]),
    load,
  ]
  return toRow({
    scenario,
    side: 'at least',
    limit,
    value: ratio.median,
    target: `≥ ${limit.toFixed(2)} × ${besides}`,
    measured: `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`,
    note: parts.join('; '),
  })
}

function cpuOf({ product, reference }: Comparison['cpuMicros'], besides: string): string[] {
  if (product === null) return []
  const other = reference === null ? '' : ` (${besides} ${reference.toFixed(0)})`
  return [`CPU ${product.toFixed(0)} µs each${other}`]
}

function perSecond({ median }: Spread): string {
  return `${Math.round(median).toLocaleString('en-US')}/s`
}
