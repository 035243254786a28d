import { expect, it } from 'vitest'
import { createOffsets } from './offsets.ts'

it('a message handled out of order is committed only after those before it', () => {
  const offsets = createOffsets()
  const [first, second, third] = [5n, 6n, 9n].map((offset) => offsets.take(aPlace({ offset })))
  third?.()
  second?.()
  expect(offsets.commits()).toEqual([])
  expect(offsets.waiting()).toBe(1)
  first?.()
  expect(offsets.commits()).toEqual([aPlace({ offset: 10n })])
  expect(offsets.commits()).toEqual([])
})

it('a partition does not wait for another', () => {
  const offsets = createOffsets()
  offsets.take(aPlace({ partition: 1 }))
  offsets.take(aPlace({ partition: 2, offset: 7n }))()
  expect(offsets.commits()).toEqual([aPlace({ partition: 2, offset: 8n })])
})

function aPlace(fields: { partition?: number; offset?: bigint }) {
  return { topic: 'events', partition: 0, offset: 0n, leaderEpoch: 0, ...fields }
}
