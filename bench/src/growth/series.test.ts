import { expect, test } from 'vitest'
import { growthOf, sentenceOf } from './series.ts'

const costsOf = (sizes: readonly number[], cost: (size: number) => number) =>
  sizes.map((size) => ({ size, cost: cost(size) }))

const sizes = [10_000, 100_000, 1_000_000]

test('a cost that stays, and one that grows with the logarithm, are no worse', () => {
  expect(growthOf(costsOf(sizes, () => 3)).isWorse).toBe(false)
  expect(growthOf(costsOf(sizes, (size) => Math.log(size))).isWorse).toBe(false)
})

test('a cost that grows with the square root is worse', () => {
  expect(growthOf(costsOf(sizes, Math.sqrt))).toMatchObject({ factor: 10, isWorse: true })
})

test('a little more than the logarithm is noise, and a fifth more is worse', () => {
  const costs = (share: number) => costsOf(sizes, (size) => (size === 10_000 ? 1 : 1.5 * share))
  expect(growthOf(costs(1.03)).isWorse).toBe(false)
  expect(growthOf(costs(1.2)).isWorse).toBe(true)
})

test('sizes may begin with 1, whose own logarithm is nothing', () => {
  const growth = growthOf(costsOf([1, 1000], (size) => (size === 1 ? 1 : 9)))
  expect(growth.logFactor).toBeCloseTo(9.97, 2)
  expect(growth.isWorse).toBe(false)
})

test('the sentence names both ends and says which grows faster', () => {
  const points = costsOf([10, 1000], (size) => size / 10)
  expect(sentenceOf({ name: 'follow', of: 'followers', unit: 'ms', points })).toBe(
    '**follow**: 1.00 ms at 10 followers, 100 ms at 1,000 followers; 100.00 times as much, where the logarithm is 2.88 times as large: worse than log(n).',
  )
})
