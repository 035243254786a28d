import { expect, test } from 'vitest'
import { checkForwards } from './forwards.ts'
import { linesOf, projectOf } from './testing/project-of.ts'

const check = (text: string) =>
  linesOf(checkForwards(projectOf({ 'kit/a.ts': text, 'kit/b.ts': '' })))

test.each([
  ["export { b } from './b.ts'\nexport type { B } from './b.ts'\n"],
  ["export * from './b.ts'\n"],
  ["import { b } from './b.ts'\n\n/** A name of our own. */\nexport const a = b\n"],
  ["import type { B } from './b.ts'\nexport type A = B\n"],
  ["import { b } from './b.ts'\nexport const a = (one: string) => b(one)\n"],
  ["import { b } from './b.ts'\n\nexport function a(one: string): string {\n  return b(one)\n}\n"],
])('a file that only forwards is refused: %j', (text) => {
  expect(check(text)).toEqual(['kit/a.ts:1 It only forwards: import what stands behind it.'])
})

test.each([
  ["import { b } from './b.ts'\nexport const a = b * 2\n"],
  ["import { run } from './b.ts'\nawait run()\n"],
  ["import { b } from './b.ts'\n// How long.\nconst c = 1\nexport const a = b\n"],
])('a small file that does something is accepted: %j', (text) => {
  expect(check(text)).toEqual([])
})
