import { expect, test } from 'vitest'
import { checkStores } from './stores.ts'
import { linesOf, projectOf } from './testing/project-of.ts'

const kit = { 'kit/http/problem.ts': '', 'kit/http/page.ts': "import './problem.ts'" }
const check = (files: Record<string, string>) =>
  linesOf(checkStores(projectOf({ ...kit, ...files })))

test.each(['store.ts', 'store-memory.ts', 'keys-postgres.ts', 'cache-redis.ts', 'blobs-s3.ts'])(
  'a %s that imports something of HTTP is refused',
  (name) => {
    const path = `auth/src/key/${name}`
    const files = { [path]: "\nimport type { Page } from '../../../kit/http/page.ts'" }
    expect(check(files)).toEqual([
      `${path}:2 A store may not import kit/http/page.ts: it knows nothing of HTTP.`,
    ])
  },
)

test('a store that reaches Problem through another file is refused', () => {
  const files = {
    'auth/src/key/store-postgres.ts': "import './staff.ts'",
    'auth/src/key/staff.ts': "import '../../../kit/http/problem.ts'",
  }
  expect(check(files)).toEqual([
    'auth/src/key/store-postgres.ts:1 A store may not reach Problem: auth/src/key/staff.ts → kit/http/problem.ts.',
  ])
})

test('a store may use a type of a file that throws problems', () => {
  const files = {
    'auth/src/key/store-postgres.ts': "import type { Staff } from './staff.ts'",
    'auth/src/key/staff.ts': "import '../../../kit/http/problem.ts'",
    'auth/src/key/store-postgres.test.ts': "import '../../../kit/http/problem.ts'",
  }
  expect(check(files)).toEqual([])
})
