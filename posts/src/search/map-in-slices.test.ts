import { expect, test } from 'vitest'
import { mapInSlices } from './map-in-slices.ts'

const texts = (count: number, length: number) =>
  Array.from({ length: count }, (_, n) => ({ textContent: String(n).padStart(length) }))

test('many long texts let others run in between, and come back in their order', async () => {
  let runs = 0
  const others = setInterval(() => {
    runs += 1
  }, 0)
  const work = ({ textContent }: { textContent: string }) => {
    for (const end = performance.now() + 2; performance.now() < end; );
    return Number(textContent)
  }
  const results = await mapInSlices(texts(50, 15_000), work)
  clearInterval(others)
  expect(results).toEqual(Array.from({ length: 50 }, (_, n) => n))
  expect(runs).toBeGreaterThan(10)
})

test('few short ones are done at once', async () => {
  let isOver = false
  const done = mapInSlices(texts(20, 100), (text) => text).then(() => {
    isOver = true
  })
  await null
  await null
  expect(isOver).toBe(true)
  await done
})
