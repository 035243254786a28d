import { describe, expect, test } from 'vitest'
import { checkCounts, countTable } from './counts.ts'
import { linesOf, projectOf } from './testing/project-of.ts'

const operations = {
  'auth/src/session/login.ts': '',
  'posts/src/post/create.ts': '',
  'users/src/avatar/put.ts': '',
}
const project = (files: Record<string, string>) => projectOf({ ...operations, ...files })
const check = (files: Record<string, string>) => linesOf(checkCounts(project(files)))

test('a small repository is accepted', () => {
  expect(check({})).toEqual([])
})

test('too many lines of product code are refused; tests and rigs are not counted', () => {
  const text = '\n'.repeat(24_401)
  const tests = ['kit/a.test.ts', 'kit/testing/a.ts', 'auth/test/a.ts', 'tests/a.ts', 'bench/a.ts']
  const rigs = ['cluster/local/a.ts', 'cluster/engines/a.ts', 'kit/a.contract.ts']
  expect(check(Object.fromEntries([...tests, ...rigs].map((path) => [path, text])))).toEqual([])
  expect(check({ 'cluster/postgres/a.ts': text })).toEqual([
    '.:1 24401 lines of product code; 24400 is the limit.',
  ])
})

describe('the files of an operation', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const values = names.slice(0, 6).map((name) => `import './${name}.ts'`)
  const types = ['store', 'g'].map((name) => `import type { A } from './${name}.ts'`)
  const files = {
    'posts/src/post/create.ts': [...values, ...types].join('\n'),
    'posts/src/post/store.ts': '',
    'posts/src/post/store-postgres.ts': "import type { A } from './store.ts'",
    'posts/src/wire.ts': "import './post/create.ts'",
    ...Object.fromEntries(names.map((name) => [`posts/src/post/${name}.ts`, ''])),
  }

  test('are what it imports as values, and the adapters behind its ports', () => {
    expect(check(files)).toEqual([])
    expect(countTable(project(files))).toContain('create a post: 8 of at most 8  10 with types\n')
  })

  test('are refused when there are too many', () => {
    const more = { 'posts/src/post/store-postgres.ts': "import './h.ts'\nimport '../wire.ts'" }
    const [violation, ...others] = check({ ...files, ...more })
    expect(violation).toContain('posts/src/post/create.ts:1 "create a post" opens 9 files')
    expect(others).toEqual([])
  })

  test('are refused when its own file is missing', () => {
    const { 'users/src/avatar/put.ts': _, ...rest } = operations
    expect(linesOf(checkCounts(projectOf(rest)))).toEqual([
      'users/src/avatar/put.ts:1 The file of the operation "put an avatar" is missing.',
    ])
  })
})

test('a folder of more than 25 files is refused', () => {
  const paths = Array.from({ length: 26 }, (_, index) => `tests/e2e/a${index}.test.ts`)
  expect(check(Object.fromEntries(paths.map((path) => [path, ''])))).toEqual([
    'tests/e2e:1 26 files in one folder; 25 is the limit.',
  ])
})
