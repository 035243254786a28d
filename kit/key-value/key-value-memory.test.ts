import { expect, it } from 'vitest'
import { keyValueContract } from './key-value.contract.ts'
import { memoryKeyValue } from './key-value-memory.ts'

keyValueContract('memoryKeyValue', async () => ({
  keyValue: memoryKeyValue(),
  async [Symbol.asyncDispose]() {},
}))

it('a full store drops the entries that expire soonest', async () => {
  const store = memoryKeyValue({ entriesMax: 10, now: () => 0 })
  for (let n = 10; n >= 1; n -= 1) await store.set(`k${n}`, 'value', n * 1_000)
  await store.set('k10', 'changed', 10_000)
  expect(await store.get('k1')).toBe('value')
  await store.set('k11', 'value', 500)
  expect(await store.get('k1')).toBeNull()
  expect(await store.get('k2')).toBe('value')
  expect(await store.get('k10')).toBe('changed')
  expect(await store.get('k11')).toBe('value')
})

it('a full store drops expired entries first', async () => {
  let time = 0
  const store = memoryKeyValue({ entriesMax: 3, now: () => time })
  await store.set('expired', 'value', 10)
  await store.set('a', 'value', 1_000)
  await store.set('b', 'value', 2_000)
  time = 10
  await store.set('c', 'value', 3_000)
  for (const key of ['a', 'b', 'c']) expect(await store.get(key)).toBe('value')
  expect(await store.get('expired')).toBeNull()
})

it('a full store whose entries expire at the same time is not emptied', async () => {
  const store = memoryKeyValue({ entriesMax: 100, now: () => 0 })
  for (let n = 0; n < 101; n += 1) await store.set(`k${n}`, 'value', 1_000)
  const left = await Promise.all(Array.from({ length: 101 }, (_, n) => store.get(`k${n}`)))
  expect(left.filter(Boolean)).toHaveLength(91)
})
