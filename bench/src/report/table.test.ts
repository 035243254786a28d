import { expect, test } from 'vitest'
import { markdownRows, textTable, toRow } from './table.ts'

const common = { scenario: 'verify', target: '≥ 0.70', measured: '0.71', note: 'n' }

test('at least: the limit itself is reached, anything below is missed', () => {
  const reached = toRow({ ...common, side: 'at least', value: 0.7, limit: 0.7 })
  const missed = toRow({ ...common, side: 'at least', value: 0.69, limit: 0.7 })
  expect([reached.isReached, missed.isReached]).toEqual([true, false])
  expect(reached.share).toBe(1)
})

test('at most: the limit itself is reached, anything above is missed', () => {
  const reached = toRow({ ...common, side: 'at most', value: 50, limit: 50 })
  const missed = toRow({ ...common, side: 'at most', value: 75, limit: 50 })
  expect([reached.isReached, missed.isReached]).toEqual([true, false])
  expect(missed.share).toBe(1.5)
})

test('the columns of the text stand below each other, and the verdict is a word', () => {
  const rows = [toRow({ ...common, side: 'at least', value: 1, limit: 2 })]
  expect(textTable(rows)).toBe(
    'scenario  target  measured  verdict  note\nverify    ≥ 0.70  0.71      missed   n\n',
  )
  expect(markdownRows(rows).split('\n')[2]).toBe('| verify | ≥ 0.70 | 0.71 | missed | n |')
})
