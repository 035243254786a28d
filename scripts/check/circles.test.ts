import { expect, test } from 'vitest'
import { checkCircles } from './circles.ts'
import { linesOf, projectOf } from './testing/project-of.ts'

const check = (files: Record<string, string>) => linesOf(checkCircles(projectOf(files)))

test('files in a circle are refused, by a type too', () => {
  const files = {
    'kit/http/a.ts': "\nimport type { B } from './b.ts'",
    'kit/http/b.ts': "import { c } from './c.ts'",
    'kit/http/c.ts': "export { a } from './a.ts'",
    'kit/http/d.ts': "import './a.ts'",
  }
  expect(check(files)).toEqual([
    'kit/http/a.ts:2 A circle: kit/http/a.ts → kit/http/b.ts → kit/http/c.ts → kit/http/a.ts.',
  ])
})

test('folders in a circle are refused, though no files are in one', () => {
  const files = {
    'users/src/a/one.ts': "import '../b/one.ts'",
    'users/src/b/one.ts': '',
    'users/src/b/two.ts': "import type { A } from '../a/two.ts'",
    'users/src/a/two.ts': '',
  }
  expect(check(files)).toEqual([
    'users/src/a/one.ts:1 A circle: users/src/a/ → users/src/b/ → users/src/a/.',
  ])
})

test('a folder and a file beside it are no circle as long as only one needs the other', () => {
  const files = {
    'kit/events/open-bus.ts': "import './kafka/bus.ts'\nimport './bus.ts'",
    'kit/events/kafka/bus.ts': "import '../bus.ts'",
    'kit/events/bus.ts': '',
  }
  expect(check(files)).toEqual([])
  const back = { 'kit/events/kafka/member.ts': "import '../open-bus.ts'" }
  expect(check({ ...files, ...back })).toEqual([
    'kit/events/open-bus.ts:1 A circle: kit/events/open-bus.ts → kit/events/kafka/ → kit/events/open-bus.ts.',
  ])
})

test('two folders that tests alone connect are no circle', () => {
  const files = {
    'kit/async/a.test.ts': "import '../testing/a.ts'",
    'kit/async/a.ts': '',
    'kit/testing/a.ts': "import '../async/a.ts'",
  }
  expect(check(files)).toEqual([])
})
