import { expect, test } from 'vitest'
import { type BatchOptions, createBatch } from './batch.ts'

/** Doubles numbers; each call waits until the test releases it. */
function doubling(limits: Partial<BatchOptions<number, number>> = {}) {
  const asked: { numbers: readonly number[]; release: () => void; fail: (why: Error) => void }[] =
    []
  const double = createBatch<number, number>({
    ...limits,
    many(numbers) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      asked.push({ numbers, release: resolve, fail: reject })
      return promise.then(() => (number) => number * 2)
    },
  })
  return { double, asked }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('calls in one turn of the event loop share a batch, and each gets its own result', async () => {
  const { double, asked } = doubling()
  const all = Promise.all([1, 2, 3].map(double))
  await turn()
  expect(asked.map(({ numbers }) => numbers)).toEqual([[1, 2, 3]])
  asked[0]?.release()
  expect(await all).toEqual([2, 4, 6])
})

test('calls wait while enough batches run, and then share the next batch', async () => {
  const { double, asked } = doubling({ runningMax: 1, sizeMax: 2 })
  const first = double(1)
  await turn()
  const others = Promise.all([2, 3, 4].map(double))
  await turn()
  expect(asked).toHaveLength(1)
  asked[0]?.release()
  expect(await first).toBe(2)
  await expect.poll(() => asked.length).toBe(2)
  asked[1]?.release()
  await expect.poll(() => asked.length).toBe(3)
  asked[2]?.release()
  expect(await others).toEqual([4, 6, 8])
  expect(asked.map(({ numbers }) => numbers)).toEqual([[1], [2, 3], [4]])
})

test('a batch that fails rejects its own callers only', async () => {
  const { double, asked } = doubling({ runningMax: 1 })
  const both = Promise.allSettled([double(1), double(2)])
  await turn()
  asked[0]?.fail(new Error('away'))
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const next = double(3)
  await expect.poll(() => asked.length).toBe(2)
  asked[1]?.release()
  expect(await next).toBe(6)
})

test('a caller that waits too long, or arrives when too many wait, gets a BusyError', async () => {
  let nowMs = 0
  const limits = { runningMax: 1, waitingMax: 2, waitMsMax: 10, nowMs: () => nowMs }
  const { double, asked } = doubling(limits)
  const first = double(1)
  await turn()
  const late = Promise.allSettled([double(2)])
  nowMs = 11
  const inTime = double(3)
  await expect(double(4)).rejects.toMatchObject({ name: 'BusyError' })
  asked[0]?.release()
  expect(await first).toBe(2)
  expect(await late).toMatchObject([{ reason: { name: 'BusyError' } }])
  await expect.poll(() => asked.length).toBe(2)
  asked[1]?.release()
  expect(await inTime).toBe(6)
  expect(asked[1]?.numbers).toEqual([3])
})

test('every caller is settled, also one that becomes late while the clock is read', async () => {
  let nowMs = 0
  const { double, asked } = doubling({ runningMax: 1, waitMsMax: 10, nowMs: () => (nowMs += 0.5) })
  const first = double(1)
  await turn()
  const others = Promise.allSettled([2, 3, 4, 5, 6].map(double))
  nowMs += 8
  asked[0]?.release()
  expect(await first).toBe(2)
  await turn()
  asked[1]?.release()
  const statuses = (await others).map(({ status }) => status)
  expect(new Set(statuses)).toEqual(new Set(['fulfilled', 'rejected']))
})

test('a batch whose callers are all late is not run', async () => {
  let nowMs = 0
  const { double, asked } = doubling({ runningMax: 1, waitMsMax: 10, nowMs: () => nowMs })
  const first = double(1)
  await turn()
  const late = double(2)
  nowMs = 11
  asked[0]?.release()
  await first
  await expect(late).rejects.toMatchObject({ name: 'BusyError' })
  expect(asked).toHaveLength(1)
})

test('any number of calls is accepted while no batch runs', async () => {
  const { double, asked } = doubling({ waitingMax: 2, runningMax: 1 })
  const all = Promise.all([1, 2, 3, 4].map(double))
  await turn()
  asked[0]?.release()
  expect(await all).toEqual([2, 4, 6, 8])
})
