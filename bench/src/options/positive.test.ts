import { expect, test } from 'vitest'
import { positive } from './positive.ts'

test('a whole number above 0 is taken', () => {
  expect(positive('--posts', '1000000')).toBe(1_000_000)
})

test.each(['0', '-1', '1.5', '1e6', 'many', '', '9999999999'])('%j is refused', (text) => {
  expect(() => positive('--posts', text)).toThrow(`--posts is ${text}: give a whole number`)
})
