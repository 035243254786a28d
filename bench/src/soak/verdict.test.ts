import { expect, test } from 'vitest'
import { checksOf, heapMbPerHourMax, rssMbPerHourMax, type Soaked } from './verdict.ts'

const ends = { files: 40, sockets: 20, databaseConnections: 12 }
const good: Soaked = {
  traffic: { requests: 100, statuses: { 200: 90, 204: 10 }, refused: [] },
  before: ends,
  after: ends,
  memory: {
    samples: 80,
    heapMb: 60,
    rssMb: 200,
    heapMbPerHour: heapMbPerHourMax,
    rssMbPerHour: rssMbPerHourMax,
  },
}

const violated = (soaked: Soaked) =>
  checksOf(soaked)
    .filter((check) => !check.isGood)
    .map((check) => check.text)

test('what is within its limits passes', () => {
  expect(violated(good)).toEqual([])
})

test('one 503 among many good answers violates', () => {
  const traffic = { ...good.traffic, statuses: { 200: 99, 503: 1 } }
  expect(violated({ ...good, traffic })).toEqual(['100 requests; other answers than 2xx: 1 × 503'])
})

test('traffic that never flowed violates', () => {
  expect(violated({ ...good, traffic: { requests: 0, statuses: {}, refused: [] } })).toHaveLength(1)
})

test('a connection more than before violates', () => {
  expect(violated({ ...good, after: { ...ends, databaseConnections: 13 } })).toHaveLength(1)
})

test('memory that grows too fast violates, each of both kinds', () => {
  const memory = { ...good.memory, heapMbPerHour: 101, rssMbPerHour: 201 }
  expect(violated({ ...good, memory })).toHaveLength(2)
})

test('a slope of a few samples is told, but not judged', () => {
  const memory = { ...good.memory, heapMbPerHour: 900, samples: 4 }
  expect(violated({ ...good, memory })).toEqual([])
  expect(checksOf({ ...good, memory })[2]?.text).toContain('not judged: only 4 samples')
})
