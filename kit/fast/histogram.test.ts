import { expect, test } from 'vitest'
import { createHistogram } from './histogram.ts'

test('a value counts in its bucket and all larger ones, and a value on a bound counts in that bucket', () => {
  const histogram = createHistogram([1, 5])
  for (const value of [0.5, 1, 3, 5, 9]) histogram.observe(value)
  expect(histogram.lines('took', 'route="/a"')).toEqual([
    'took_bucket{route="/a",le="1"} 2',
    'took_bucket{route="/a",le="5"} 4',
    'took_bucket{route="/a",le="+Inf"} 5',
    'took_sum{route="/a"} 18.5',
    'took_count{route="/a"} 5',
  ])
})
