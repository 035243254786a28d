import { expect, test } from 'vitest'
import { projectOf } from '../testing/project-of.ts'

const manifests = {
  'package.json': '{ "workspaces": ["kit", "auth"] }',
  'kit/package.json': '{ "name": "@ego/kit", "exports": { "./*": "./*.ts" } }',
  'auth/package.json': '{ "name": "@ego/auth", "exports": { "./*": "./src/*.ts" } }',
}

test.each([
  ["import { a } from './b.ts'", { to: 'auth/src/b.ts', names: ['a'], isType: false }],
  ["import '../../kit/a.ts'", { to: 'kit/a.ts', names: [], isType: false }],
  ["import type { A, B } from '@ego/kit/a'", { to: 'kit/a.ts', names: ['A', 'B'], isType: true }],
  ["import { type A, b } from '@ego/auth/b'", { to: 'auth/src/b.ts', isType: false }],
  ["import * as all from './b.ts'", { names: ['*'] }],
  ["export { a as c } from './b.ts'", { to: 'auth/src/b.ts', names: ['a'] }],
  ["export * from './b.ts'", { names: ['*'] }],
  ["const { a } = await import('./b.ts')", { to: 'auth/src/b.ts', names: ['*'], isDynamic: true }],
  ["import { z } from 'zod'", { to: null, specifier: 'zod' }],
  ["import './absent.ts'", { to: null }],
])('%s is read as an import', (text, expected) => {
  const files = { ...manifests, 'kit/a.ts': '', 'auth/src/b.ts': '', 'auth/src/a.ts': `\n${text}` }
  const { imports } = projectOf(files)
  expect(imports).toMatchObject([{ from: 'auth/src/a.ts', line: 2, ...expected }])
})

test('exports are read with their names', () => {
  const text = 'export const a = 1\nexport type B = 1\nconst c = 1\nexport { c as d }\n'
  const { exports } = projectOf({ 'kit/a.ts': text })
  expect(exports.map(({ name, line, isType }) => [name, line, isType])).toEqual([
    ['a', 1, false],
    ['B', 2, true],
    ['d', 4, false],
  ])
})

test('an import in a comment or in a text is none', () => {
  const text = "// import './b.ts'\nexport const a = `\nimport './b.ts'\n`\n"
  expect(projectOf({ 'kit/a.ts': text, 'kit/b.ts': '' }).imports).toEqual([])
})

test('a file that cannot be parsed is named', () => {
  expect(() => projectOf({ 'kit/a.ts': 'export const' })).toThrow('kit/a.ts cannot be parsed')
})
