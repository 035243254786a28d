import { expect, test } from 'vitest'
import { repeat } from './repeat.ts'

test('work repeats, also after a failure, and never runs twice at once', async () => {
  let runs = 0
  let underWay = 0
  let underWayMax = 0
  const errors: unknown[] = []
  const work = async () => {
    underWay += 1
    underWayMax = Math.max(underWayMax, underWay)
    await new Promise((resolve) => setImmediate(resolve))
    underWay -= 1
    runs += 1
    if (runs === 2) throw new Error('broken')
  }
  await using _ = repeat({ everyMs: 0, work, onError: (error) => errors.push(error) })
  await expect.poll(() => runs).toBeGreaterThan(4)
  expect(errors).toEqual([new Error('broken')])
  expect(underWayMax).toBe(1)
})

test('a run waits for its interval, and the first one may come sooner', async () => {
  let runs = 0
  const work = () => {
    runs += 1
  }
  await using _ = repeat({ everyMs: 600_000, firstAfterMs: 1, work, onError: () => {} })
  await using _later = repeat({ everyMs: 600_000, work, onError: () => {} })
  await expect.poll(() => runs).toBe(1)
})

test('disposing signals the current run, waits for it, and starts no other', async () => {
  const signalled = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  let runs = 0
  const work = async (signal: AbortSignal) => {
    runs += 1
    signal.addEventListener('abort', () => signalled.resolve())
    await release.promise
  }
  const repeating = repeat({ everyMs: 0, work, onError: () => {} })
  await expect.poll(() => runs).toBe(1)
  let isStopped = false
  const stopped = repeating[Symbol.asyncDispose]().then(() => {
    isStopped = true
  })
  await signalled.promise
  expect(isStopped).toBe(false)
  release.resolve()
  await stopped
  expect(runs).toBe(1)
})
