import { expect, test } from 'vitest'
import { linesSvg } from './svg-lines.ts'

const points = [
  { size: 9, cost: 1 },
  { size: 99, cost: 4 },
]

test('the costs rise from zero to the top, beside the logarithm from the first of them', () => {
  const svg = linesSvg([{ name: 'search', of: 'posts', unit: 'ms', points }])
  expect(svg).toContain('<polyline class="cost" points="20,125 230,50"/>')
  expect(svg).toContain('<polyline class="dashed" points="20,125 230,100"/>')
  expect(svg).toContain('>99 posts</text>')
})

test('a fourth series begins the next row', () => {
  const series = ['a', 'b', 'c', 'd'].map((name) => ({ name, of: 'posts', unit: 'ms', points }))
  const svg = linesSvg(series)
  expect(svg).toContain('viewBox="0 0 750 380"')
  expect(svg).toContain('translate(0 190)')
})

test('a single size is one point and no division by nothing', () => {
  const svg = linesSvg([{ name: 'a', of: 'b', unit: 'c', points: points.slice(0, 1) }])
  expect(svg).not.toContain('NaN')
})
