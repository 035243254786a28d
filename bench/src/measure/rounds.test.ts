import { expect, test } from 'vitest'
import { compare, interleave } from './rounds.ts'

test('product and reference take turns, after one short run of each', async () => {
  const calls: string[] = []
  const runOf = (name: string) => async (seconds: number) => {
    calls.push(`${name} ${seconds}`)
    return { rate: 1, cpuMicros: null }
  }
  const plan = { rounds: 2, seconds: 5, isQuick: false }
  await interleave(plan, { product: runOf('a'), reference: runOf('b') })
  expect(calls).toEqual(['a 2', 'b 2', 'a 5', 'b 5', 'a 5', 'b 5'])
})

test('a quick plan does without the run before', async () => {
  let runs = 0
  const run = async () => {
    runs += 1
    return { rate: 1, cpuMicros: null }
  }
  await interleave({ rounds: 1, seconds: 1, isQuick: true }, { product: run, reference: run })
  expect(runs).toBe(2)
})

test('a round in which both were slow leaves the ratio as it is', () => {
  const { ratio, product, cpuMicros } = compare(
    [100, 10, 100].map((rate) => ({ rate, cpuMicros: 5 })),
    [200, 20, 200].map((rate) => ({ rate, cpuMicros: null })),
  )
  expect(ratio).toEqual({ median: 0.5, min: 0.5, max: 0.5 })
  expect(product).toEqual({ median: 100, min: 10, max: 100 })
  expect(cpuMicros).toEqual({ product: 5, reference: null })
})
