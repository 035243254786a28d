import { expect, test } from 'vitest'
import { createSlots } from './slots.ts'

test('the number of slots is asked for again when it is from before one was freed', async () => {
  const inSlot = createSlots()
  const [first, stale] = [Promise.withResolvers<void>(), Promise.withResolvers<number>()]
  const running = inSlot(
    'key',
    async () => 1,
    () => first.promise,
  )
  await new Promise(setImmediate)
  const answers = [() => stale.promise, () => Promise.reject(new Error('no slot is left'))]
  const late = inSlot(
    'key',
    async () => answers.shift()?.() ?? 1,
    async () => 'entered',
  )
  const refused = expect(late).rejects.toThrow('no slot is left')
  await new Promise(setImmediate)
  first.resolve()
  await running
  stale.resolve(1)
  await refused
})

test('work that throws at once frees its slot', async () => {
  const inSlot = createSlots()
  const running = Promise.withResolvers<void>()
  const slotsOf = async () => 2
  const first = inSlot('key', slotsOf, () => running.promise)
  const thrown = inSlot('key', slotsOf, () => {
    throw new Error('at once')
  })
  await expect(thrown).rejects.toThrow('at once')
  expect(await inSlot('key', slotsOf, async () => 'entered')).toBe('entered')
  running.resolve()
  await first
})

test('work that waits starts in its order, also after one that fails', async () => {
  const inSlot = createSlots()
  const entered: number[] = []
  const work = (index: number) => async () => {
    entered.push(index)
    await new Promise(setImmediate)
    if (index === 1) throw new Error('no')
  }
  const results = await Promise.allSettled(
    [0, 1, 2, 3].map((index) => inSlot('key', async () => 1, work(index))),
  )
  expect(entered).toEqual([0, 1, 2, 3])
  expect(results.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, true])
})
