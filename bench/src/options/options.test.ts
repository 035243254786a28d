import { expect, test } from 'vitest'
import { chosen, readOptions } from './options.ts'

test('without parameters everything is measured, in five rounds', () => {
  const options = readOptions([], '/base')
  expect(options.command).toBe('measure')
  expect(options.plan).toEqual({ rounds: 5, seconds: 5, isQuick: false })
  expect(options.folder).toBe('/base/.data-bench')
})

test('quick rounds are few and short, unless a number of them is given', () => {
  expect(readOptions(['--quick'], '/').plan).toEqual({ rounds: 1, seconds: 1, isQuick: true })
  expect(readOptions(['--quick', '--rounds', '3'], '/').plan.rounds).toBe(3)
})

test('numbers come smallest first, or are the usual ones', () => {
  const { numbers, number } = readOptions(['growth', '--posts', '500,20'], '/')
  expect(numbers('posts', [1])).toEqual([20, 500])
  expect(numbers('sessions', [1, 2])).toEqual([1, 2])
  expect(() => number('posts', 1)).toThrow('--posts is 500,20')
})

test('what is not known is refused with a sentence', () => {
  expect(() => readOptions(['fly'], '/')).toThrow("There is no command 'fly'")
  expect(() => readOptions(['seed', 'soak'], '/')).toThrow("There is no command 'seed soak'")
  expect(() => readOptions(['--fast'], '/')).toThrow('--fast')
})

test('the scenarios keep their order, and an unknown one is named', () => {
  expect(chosen(['c', 'a'], ['a', 'b', 'c'])).toEqual(['a', 'c'])
  expect(chosen(null, ['a', 'b'])).toEqual(['a', 'b'])
  expect(() => chosen(['x'], ['a', 'b'])).toThrow("There is no 'x': --only takes a, b.")
})
