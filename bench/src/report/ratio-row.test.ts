import { expect, test } from 'vitest'
import { spreadOf } from '../measure/statistics.ts'
import { ratioRow } from './ratio-row.ts'

const comparison = {
  ratio: spreadOf([0.6, 0.74, 0.8]),
  product: spreadOf([55_123.4]),
  reference: spreadOf([74_400]),
  cpuMicros: { product: 16.2, reference: 11 },
}
const given = { scenario: 'verify', limit: 0.7, comparison, besides: 'bare', load: 'wrk' }

test('the median decides, and the spread is beside it', () => {
  const row = ratioRow({ ...given, peakMb: 120.4 })
  expect(row).toMatchObject({
    target: '≥ 0.70 × bare',
    measured: '0.74 (0.60–0.80)',
    isReached: true,
    note: '55,123/s, bare 74,400/s; CPU 16 µs each (bare 11); peak 120 MB; wrk',
  })
  expect(ratioRow({ ...given, limit: 0.75, peakMb: null }).isReached).toBe(false)
})

test('what the system does not tell is left out', () => {
  const cpuMicros = { product: null, reference: null }
  const row = ratioRow({ ...given, comparison: { ...comparison, cpuMicros }, peakMb: null })
  expect(row.note).toBe('55,123/s, bare 74,400/s; wrk')
})
