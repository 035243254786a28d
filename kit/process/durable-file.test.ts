import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder } from './durable-file.ts'
import { StartError } from './start-error.ts'

async function aFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'ego-folder-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

test('a folder is created with its parents, and an existing one is fine', async () => {
  const path = join(await aFolder(), 'a', 'b', 'c')
  await makeFolder(path, 0o700)
  await makeFolder(path, 0o700)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
})

test('concurrent calls for one folder all succeed', async () => {
  const path = join(await aFolder(), 'a', 'b', 'c')
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)))
  expect((await stat(path)).isDirectory()).toBe(true)
})

test('a folder that cannot be created fails the start with a sentence', async () => {
  const file = join(await aFolder(), 'file')
  await writeFile(file, '')
  for (const path of [file, join(file, 'below'), '/proc/nope/below']) {
    await expect(makeFolder(path)).rejects.toThrow(StartError)
    await expect(makeFolder(path)).rejects.toThrow(`The folder ${path} cannot be used (E`)
  }
})
