import { expect, test } from 'vitest'
import { slopesOf } from './memory.ts'

const mb = 2 ** 20
const samplesOf = (heapMb: (minute: number) => number) =>
  Array.from({ length: 11 }, (_, minute) => ({
    atMs: minute * 60_000,
    heapUsed: heapMb(minute) * mb,
    rss: 200 * mb,
  }))

test('a megabyte a minute is sixty an hour, and a level is none', () => {
  const slopes = slopesOf(
    samplesOf((minute) => 50 + minute),
    0,
    600_000,
  )
  expect(slopes.heapMbPerHour).toBeCloseTo(60)
  expect(slopes.rssMbPerHour).toBeCloseTo(0)
  expect(slopes).toMatchObject({ heapMb: 60, rssMb: 200 })
})

test('what fills in the first third of the time does not count', () => {
  const slopes = slopesOf(
    samplesOf((minute) => Math.min(minute, 3) * 20),
    0,
    600_000,
  )
  expect(slopes.heapMbPerHour).toBeCloseTo(0)
  expect(slopes.samples).toBe(8)
})
