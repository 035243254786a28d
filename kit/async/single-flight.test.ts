import { expect, test } from 'vitest'
import { createSingleFlight } from './single-flight.ts'

function counted() {
  let begun = 0
  const releases: (() => void)[] = []
  const ask = createSingleFlight(async () => {
    begun += 1
    const number = begun
    await new Promise<void>((resolve) => releases.push(resolve))
    return number
  }, 0)
  return { ask, begun: () => begun, release: () => releases.shift()?.() }
}

test('calls at the same time share a run', async () => {
  const { ask, begun, release } = counted()
  const answers = [ask(), ask(), ask()]
  await expect.poll(begun).toBe(1)
  release()
  expect(await Promise.all(answers)).toEqual([1, 1, 1])
})

test('a call during a run gets the result of the next run', async () => {
  const { ask, begun, release } = counted()
  const first = ask()
  await expect.poll(begun).toBe(1)
  const later = [ask(), ask()]
  release()
  expect(await first).toBe(1)
  await expect.poll(begun).toBe(2)
  release()
  expect(await Promise.all(later)).toEqual([2, 2])
})

test('a run that fails rejects its callers, and the next one works', async () => {
  let isBroken = true
  const ask = createSingleFlight(async () => {
    if (isBroken) throw new Error('broken')
    return 'fine'
  }, 0)
  await expect(ask()).rejects.toThrow('broken')
  isBroken = false
  expect(await ask()).toBe('fine')
})

test('runs begin no more often than the interval allows', async () => {
  const begunAtMs: number[] = []
  const ask = createSingleFlight(async () => void begunAtMs.push(performance.now()), 50)
  for (let turn = 0; turn < 3; turn += 1) await ask()
  const [first = 0, second = 0, third = 0] = begunAtMs
  // Timers may be early by a fraction of a millisecond.
  expect(second - first).toBeGreaterThan(48)
  expect(third - second).toBeGreaterThan(48)
})
