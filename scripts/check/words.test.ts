import { expect, test } from 'vitest'
import { linesOf, projectOf } from './testing/project-of.ts'
import { checkWords } from './words.ts'

const check = (files: Record<string, string>) => linesOf(checkWords(projectOf(files)))

test.each([
  ['kit/a.ts', '// Whoever waits is told.', 'Whoever'],
  ['kit/a.ts', 'const ringBell = 1', 'Bell'],
  ['kit/a.ts', 'const owed_mails = 1', 'owed'],
  ['kit/a.ts', 'function digUp() {}', 'dig Up'],
  ['kit/a.ts', 'const hands = 1', 'hands'],
  ['kit/a.test.ts', "test('nobody sees it', () => {})", 'nobody'],
  ['docs/a.md', 'Somebody reads it.', 'Somebody'],
  ['cluster/a.sh', '# for anybody', 'anybody'],
  ['docker-compose.yml', '# letters are gathered', 'gathered'],
])('a line of %s is refused: %s', (path, line, word) => {
  expect(check({ [path]: `\n${line}\n` })).toEqual([
    `${path}:2 Say it with another word than "${word}".`,
  ])
})

test('the name of a file is refused', () => {
  expect(check({ 'kit/async/door-bell.ts': '' })).toEqual([
    'kit/async/door-bell.ts:1 Say it with another word than "bell".',
  ])
})

test.each([
  ['kit/a.ts', 'const label = planes // It hands the rest on.'],
  ['kit/a.ts', "const text = 'The gateway hands it on.'"],
  ['kit/a.ts', ' * The gateway hands it on.'],
  ['docs/a.md', 'The gateway hands it on.'],
  ['auth/migrations/0001-a.sql', '-- nobody edits a migration'],
])('an ordinary line of %s is accepted: %s', (path, line) => {
  expect(check({ [path]: line.startsWith(' *') ? `/**\n${line}\n */` : line })).toEqual([])
})
