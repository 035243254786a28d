import { expect, test } from 'vitest'
import { replaceSection } from './report.ts'

const text = '# Results\n\nHello.\n\n## A\n\none\n\n## B\n\ntwo\n'

test('a section is replaced, and the others stay as they are', () => {
  expect(replaceSection(text, 'A', 'three\n')).toBe(
    '# Results\n\nHello.\n\n## A\n\nthree\n\n## B\n\ntwo\n',
  )
  expect(replaceSection(text, 'B', 'three')).toBe(
    '# Results\n\nHello.\n\n## A\n\none\n\n## B\n\nthree\n',
  )
})

test('a section that is not there yet comes last', () => {
  expect(replaceSection(text, 'C', 'three')).toBe(`${text}\n## C\n\nthree\n`)
})

test('writing the same again changes nothing', () => {
  expect(replaceSection(text, 'A', 'one')).toBe(text)
})
