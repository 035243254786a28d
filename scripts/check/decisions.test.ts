import { expect, test } from 'vitest'
import { checkDecisions } from './decisions.ts'
import { linesOf, projectOf } from './testing/project-of.ts'

function check(...names: string[]): string[] {
  const files = names.map((name) => [`docs/decisions/${name}`, ''])
  return linesOf(checkDecisions(projectOf(Object.fromEntries(files))))
}

test('decisions without a gap are accepted', () => {
  expect(check('0001-one.md', '0002-two-words.md')).toEqual([])
})

test('a number that is used twice or left out is refused', () => {
  expect(check('0001-one.md', '0001-two.md')).toEqual([
    'docs/decisions/0001-two.md:1 It is out of order: 0002- was expected.',
  ])
  expect(check('0002-two.md')).toHaveLength(1)
})

test('a name of another form is refused', () => {
  expect(check('0001_One.md')).toEqual([
    'docs/decisions/0001_One.md:1 It must be named NNNN-title.md, in kebab-case.',
  ])
})
