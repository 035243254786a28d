import { expect, test } from 'vitest'
import { places } from './slots.ts'

test('an answer from before somebody left is asked for again', async () => {
  const inPlace = places()
  const [first, stale] = [Promise.withResolvers<void>(), Promise.withResolvers<number>()]
  const running = inPlace(
    'key',
    async () => 1,
    () => first.promise,
  )
  await new Promise(setImmediate)
  const answers = [() => stale.promise, () => Promise.reject(new Error('no place is left'))]
  const late = inPlace(
    'key',
    async () => answers.shift()?.() ?? 1,
    async () => 'entered',
  )
  const refused = expect(late).rejects.toThrow('no place is left')
  await new Promise(setImmediate)
  first.resolve()
  await running
  stale.resolve(1)
  await refused
})

test('work that throws at once gives its place away', async () => {
  const inPlace = places()
  const running = Promise.withResolvers<void>()
  const placesOf = async () => 2
  const first = inPlace('key', placesOf, () => running.promise)
  const thrown = inPlace('key', placesOf, () => {
    throw new Error('at once')
  })
  await expect(thrown).rejects.toThrow('at once')
  expect(await inPlace('key', placesOf, async () => 'entered')).toBe('entered')
  running.resolve()
  await first
})

test('those who wait enter in their order, also after one that fails', async () => {
  const inPlace = places()
  const entered: number[] = []
  const work = (index: number) => async () => {
    entered.push(index)
    await new Promise(setImmediate)
    if (index === 1) throw new Error('no')
  }
  const results = await Promise.allSettled(
    [0, 1, 2, 3].map((index) => inPlace('key', async () => 1, work(index))),
  )
  expect(entered).toEqual([0, 1, 2, 3])
  expect(results.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, true])
})
