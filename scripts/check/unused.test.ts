import { expect, test } from 'vitest'
import { linesOf, projectOf } from './testing/project-of.ts'
import { checkUnused } from './unused.ts'

const start = { 'package.json': '{ "scripts": { "start": "node auth/src/main.ts" } }' }
const check = (files: Record<string, string>) =>
  linesOf(checkUnused(projectOf({ ...start, ...files })))

test('an export that nothing imports is refused, though its own file uses it', () => {
  const files = {
    'auth/src/main.ts': "import { a } from './a.ts'",
    'auth/src/a.ts': 'export const a = 1\nexport const b = 2\nexport const c = b\n',
  }
  expect(check(files)).toEqual([
    'auth/src/a.ts:2 Nothing uses the export b.',
    'auth/src/a.ts:3 Nothing uses the export c.',
  ])
})

test('a type that an export of its file speaks of is accepted, another one is refused', () => {
  const files = {
    'auth/src/main.ts': "import { a } from './a.ts'",
    'auth/src/a.ts': 'export type A = 1\nexport type B = 2\nexport const a: A = 1\n',
  }
  expect(check(files)).toEqual(['auth/src/a.ts:2 Nothing uses the export B.'])
})

test('what only tests use is refused in product code, unless its file needs it', () => {
  const files = {
    'auth/src/main.ts': "import { a } from './a.ts'",
    'auth/src/a.ts': 'export const limit = 1\nexport const spare = 2\nexport const a = limit\n',
    'auth/src/a.test.ts':
      "import { limit, spare } from './a.ts'\nimport { help } from './testing/b.ts'",
    'auth/src/testing/b.ts': 'export const help = 1',
  }
  expect(check(files)).toEqual(['auth/src/a.ts:2 Only tests use the export spare.'])
})

test('a file that nothing imports or starts is refused', () => {
  expect(check({ 'auth/src/main.ts': '', 'auth/src/lost.ts': '' })).toEqual([
    'auth/src/lost.ts:1 Nothing imports this file or names its path.',
  ])
})

test.each([
  ['a worker', 'bench/src/load.ts', "new URL('worker.ts', import.meta.url)", 'bench/src/worker.ts'],
  ['a job of compose', 'docker-compose.yml', 'command: [node, jobs/a.ts]', 'cluster/jobs/a.ts'],
  ['a setup of tests', 'vitest.config.ts', "globalSetup: ['kit/a.ts']", 'kit/a.ts'],
])('%s is used by its path, with all that it exports', (_, path, text, program) => {
  const code = path.endsWith('.ts')
    ? `export const config = [${text.replace('globalSetup: ', '')}]`
    : text
  const files = {
    'auth/src/main.ts': '',
    'bench/src/load.test.ts': "import { config } from './load.ts'",
  }
  expect(check({ ...files, [path]: code, [program]: 'export const setup = 1' })).toEqual([])
})
