import { expect, test } from 'vitest'
import { checkDependencies } from './dependencies.ts'
import { linesOf, projectOf } from './testing/project-of.ts'

const manifests = {
  'package.json': '{ "workspaces": ["auth"], "devDependencies": { "vitest": "1" } }',
  'auth/package.json': '{ "name": "@ego/auth", "dependencies": { "zod": "1", "@scope/a": "1" } }',
  'auth/src/a.test.ts': "import { test } from 'vitest'",
}
const used = "import 'node:fs'\nimport { z } from 'zod'\nimport a from '@scope/a/part'\n"
const check = (files: Record<string, string>) =>
  linesOf(checkDependencies(projectOf({ ...manifests, ...files })))

test('what is listed and imported is accepted', () => {
  expect(check({ 'auth/src/a.ts': used })).toEqual([])
})

test('a package that is imported and not listed is refused', () => {
  const files = { 'auth/src/a.ts': `${used}import 'hono/cors'\nimport 'vitest'\n` }
  expect(check(files)).toEqual([
    'auth/src/a.ts:4 auth/package.json does not list hono.',
    'auth/src/a.ts:5 auth/package.json does not list vitest.',
  ])
})

test('a package that is listed and not imported is refused', () => {
  expect(check({ 'auth/src/a.ts': "import 'zod'" })).toEqual([
    'auth/package.json:1 Nothing imports @scope/a.',
  ])
})

test('the root sees the packages of the workspace', () => {
  const files = { 'auth/src/a.ts': used, 'scripts/a.ts': "import '@ego/auth/a'\nimport 'zod'\n" }
  expect(check(files)).toEqual(['scripts/a.ts:2 package.json does not list zod.'])
})
