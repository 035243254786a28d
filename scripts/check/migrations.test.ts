import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkMigrations } from './migrations.ts'
import { linesOf, projectOf } from './testing/project-of.ts'

async function check(...names: string[]): Promise<string[]> {
  await using root = await mkdtempDisposable(join(tmpdir(), 'ego-migrations-'))
  await mkdir(join(root.path, 'auth/migrations'), { recursive: true })
  const paths = names.map((name) => `auth/migrations/${name}`)
  for (const path of paths) await writeFile(join(root.path, path), 'select 1;\n')
  const files = Object.fromEntries(paths.map((path) => [path, '']))
  return linesOf(await checkMigrations(projectOf(files), root.path))
}

test('migrations without a gap are accepted', async () => {
  expect(await check('0001-one.sql', '0002-two.sql')).toEqual([])
})

test.each([
  [['0001-one.sql', '0001-two.sql'], 'its number is used twice'],
  [['0001-one.sql', '0003-three.sql'], 'number 0002 is missing'],
  [['1-one.sql'], 'must be named'],
])('%j are refused', async (names, text) => {
  const [violation] = await check(...names)
  expect(violation).toMatch(/^auth\/migrations:1 /)
  expect(violation).toContain(text)
})
