import { expect, test } from 'vitest'
import { barsSvg } from './svg-bars.ts'
import { toRow } from './table.ts'

const row = { scenario: 'a <b> & c', target: '≥ 1', measured: '0.5', note: '' }

test('a missed target has another colour, and its bar ends before the line', () => {
  const svg = barsSvg([
    toRow({ ...row, side: 'at least', value: 0.5, limit: 1 }),
    toRow({ ...row, side: 'at least', value: 1.5, limit: 1 }),
  ])
  expect(svg).toContain('<rect class="missed" x="250" y="44" width="90"')
  expect(svg).toContain('<rect class="reached" x="250" y="70" width="270"')
  expect(svg).toContain('<line class="target" x1="430"')
})

test('a bar is never longer than the picture', () => {
  const svg = barsSvg([toRow({ ...row, side: 'at most', value: 900, limit: 1 })])
  expect(svg).toContain('<rect class="missed" x="250" y="44" width="360"')
})

test('names cannot break the picture, and a group without rows is left out', () => {
  const svg = barsSvg([toRow({ ...row, side: 'at most', value: 1, limit: 1 })])
  expect(svg).toContain('>a &lt;b&gt; &amp; c</text>')
  expect(svg).not.toContain('At least')
})
