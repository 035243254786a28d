import { expect, test } from 'vitest'
import { parseStat } from './usage.ts'

test('the parent and the time are found behind a name that looks like fields', () => {
  const text = '7 (a) 9 (b c) S 42 7 7 0 -1 4194304 100 0 0 0 300 50 20 10 20 0 1 0 5 6 7'
  expect(parseStat(text)).toEqual({ parent: 42, cpuMs: 3800 })
})

test('a process that is gone has none', () => {
  expect(parseStat('')).toBeNull()
})
