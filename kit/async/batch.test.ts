import { expect, test } from 'vitest'
import { type BatchOptions, createBatch } from './batch.ts'

/** Doubles numbers; each question waits until it is let go. */
function doubling(limits: Partial<BatchOptions<number, number>> = {}) {
  const asked: { numbers: readonly number[]; letGo: () => void; fail: (why: Error) => void }[] = []
  const double = createBatch<number, number>({
    ...limits,
    many(numbers) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      asked.push({ numbers, letGo: resolve, fail: reject })
      return promise.then(() => (number) => number * 2)
    },
  })
  return { double, asked }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('what is wanted in one turn is asked together, and each gets its own', async () => {
  const { double, asked } = doubling()
  const all = Promise.all([1, 2, 3].map(double))
  await turn()
  expect(asked.map(({ numbers }) => numbers)).toEqual([[1, 2, 3]])
  asked[0]?.letGo()
  expect(await all).toEqual([2, 4, 6])
})

test('while enough are under way the others wait and go together', async () => {
  const { double, asked } = doubling({ runningMax: 1, sizeMax: 2 })
  const first = double(1)
  await turn()
  const others = Promise.all([2, 3, 4].map(double))
  await turn()
  expect(asked).toHaveLength(1)
  asked[0]?.letGo()
  expect(await first).toBe(2)
  await expect.poll(() => asked.length).toBe(2)
  asked[1]?.letGo()
  await expect.poll(() => asked.length).toBe(3)
  asked[2]?.letGo()
  expect(await others).toEqual([4, 6, 8])
  expect(asked.map(({ numbers }) => numbers)).toEqual([[1], [2, 3], [4]])
})

test('a question that fails fails for all that it was asked for, and for nobody else', async () => {
  const { double, asked } = doubling({ runningMax: 1 })
  const both = Promise.allSettled([double(1), double(2)])
  await turn()
  asked[0]?.fail(new Error('away'))
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const next = double(3)
  await expect.poll(() => asked.length).toBe(2)
  asked[1]?.letGo()
  expect(await next).toBe(6)
})

test('who waits too long, and who comes when too many wait, is told to come back', async () => {
  let nowMs = 0
  const limits = { runningMax: 1, waitingMax: 2, waitMsMax: 10, nowMs: () => nowMs }
  const { double, asked } = doubling(limits)
  const first = double(1)
  await turn()
  const late = Promise.allSettled([double(2)])
  nowMs = 11
  const inTime = double(3)
  await expect(double(4)).rejects.toMatchObject({ name: 'BusyError' })
  asked[0]?.letGo()
  expect(await first).toBe(2)
  expect(await late).toMatchObject([{ reason: { name: 'BusyError' } }])
  await expect.poll(() => asked.length).toBe(2)
  asked[1]?.letGo()
  expect(await inTime).toBe(6)
  expect(asked[1]?.numbers).toEqual([3])
})

test('everybody is answered, also who becomes late while the clock is read', async () => {
  let nowMs = 0
  const { double, asked } = doubling({ runningMax: 1, waitMsMax: 10, nowMs: () => (nowMs += 0.5) })
  const first = double(1)
  await turn()
  const others = Promise.allSettled([2, 3, 4, 5, 6].map(double))
  nowMs += 8
  asked[0]?.letGo()
  expect(await first).toBe(2)
  await turn()
  asked[1]?.letGo()
  const statuses = (await others).map(({ status }) => status)
  expect(new Set(statuses)).toEqual(new Set(['fulfilled', 'rejected']))
})

test('when all who wait are late, nothing is asked', async () => {
  let nowMs = 0
  const { double, asked } = doubling({ runningMax: 1, waitMsMax: 10, nowMs: () => nowMs })
  const first = double(1)
  await turn()
  const late = double(2)
  nowMs = 11
  asked[0]?.letGo()
  await first
  await expect(late).rejects.toMatchObject({ name: 'BusyError' })
  expect(asked).toHaveLength(1)
})

test('while no question is under way, any number may come', async () => {
  const { double, asked } = doubling({ waitingMax: 2, runningMax: 1 })
  const all = Promise.all([1, 2, 3, 4].map(double))
  await turn()
  asked[0]?.letGo()
  expect(await all).toEqual([2, 4, 6, 8])
})
