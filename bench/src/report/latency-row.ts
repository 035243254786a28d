import type { Latencies } from '../load/latency.ts'
import { type Row, toRow } from './table.ts'

const p99MsMax = 50

export function latencyRow(
  scenario: string,
  { p50, p99, max, count }: Latencies,
  note: string,
): Row {
  return toRow({
    scenario,
    side: 'at most',
    limit: p99MsMax,
    value: p99,
    target: `p99 ≤ ${p99MsMax} ms`,
    measured: `p99 ${p99.toFixed(1)} ms`,
    note: `p50 ${p50.toFixed(1)}, max ${max.toFixed(1)} ms; ${count} requests; ${note}`,
  })
}
