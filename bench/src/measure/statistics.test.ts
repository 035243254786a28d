import { expect, test } from 'vitest'
import { medianOf, percentileOf, slopeOf, spreadOf } from './statistics.ts'

test('the median of an odd count is the middle value, in whatever order they come', () => {
  expect(medianOf([30, 1, 2])).toBe(2)
})

test('the median of an even count lies between the two in the middle', () => {
  expect(medianOf([4, 1, 2, 100])).toBe(3)
})

test('the spread names the smallest and the largest, and the values keep their order', () => {
  const values = [5, 1, 3]
  expect(spreadOf(values)).toEqual({ median: 3, min: 1, max: 5 })
  expect(values).toEqual([5, 1, 3])
})

test('of a hundred values, the 99th percentile is the last but one', () => {
  const values = Array.from({ length: 100 }, (_, n) => 100 - n)
  expect(percentileOf(values, 0.99)).toBe(99)
  expect(percentileOf(values, 0.5)).toBe(50)
  expect(percentileOf([7], 0.99)).toBe(7)
})

test('without any value everything is 0', () => {
  expect([medianOf([]), percentileOf([], 0.5), slopeOf([])]).toEqual([0, 0, 0])
})

test('points on a line have its slope', () => {
  expect(slopeOf([0, 1, 5].map((x) => ({ x, y: 3 - 2 * x })))).toBeCloseTo(-2)
})

test('noise around a level has no slope, and one moment has none either', () => {
  const noise = [1, -1, -1, 1].map((offset, x) => ({ x, y: 100 + offset }))
  expect(slopeOf(noise)).toBeCloseTo(0)
  expect(
    slopeOf([
      { x: 3, y: 1 },
      { x: 3, y: 9 },
    ]),
  ).toBe(0)
})
