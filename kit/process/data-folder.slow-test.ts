import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataFolderError, openDataFolder, secrets } from './data-folder.ts'

const modulePath = fileURLToPath(new URL('data-folder.ts', import.meta.url))
// Prints 'open' and waits to be killed, or prints why it could not open.
const program = `
  import { openDataFolder } from ${JSON.stringify(modulePath)}
  try {
    await openDataFolder(process.argv[1])
    process.stdout.write('open')
    setInterval(() => {}, 1000)
  } catch (error) {
    process.stdout.write(error.message)
  }`

let parent: string
const children: ChildProcess[] = []

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'ego data '))
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(parent, { recursive: true, force: true })
})

async function openElsewhere(path: string): Promise<{ child: ChildProcess; answer: string }> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program, path])
  children.push(child)
  const [answer] = await once(child.stdout, 'data')
  return { child, answer: String(answer) }
}

async function refusalOf(path: string): Promise<string> {
  const error = await openDataFolder(path).catch((reason: unknown) => reason)
  if (!(error instanceof DataFolderError)) throw new Error(`${path} was expected to be refused.`)
  return error.message
}

test('a folder is created with its parents, and other users cannot read it', async () => {
  const path = join(parent, 'deep/data')
  await using folder = await openDataFolder(path)
  expect(folder.path).toBe(path)
  const { mode } = await stat(path)
  expect(mode & 0o066).toBe(0)
})

test('a folder with other files in it is refused, and nothing is written there', async () => {
  await writeFile(join(parent, 'letter.txt'), 'Dear …')
  expect(await refusalOf(parent)).toBe(
    `The data folder ${parent} holds other files: empty it, or choose another with --data or EGO_DATA.`,
  )
  expect(await readdir(parent)).toEqual(['letter.txt'])
})

test.each([['lost+found'], ['.DS_Store'], ['lock'], ['secrets.json', 'postgres']])(
  'a folder that holds %s is accepted',
  async (...names) => {
    for (const name of names) await writeFile(join(parent, name), '')
    await using folder = await openDataFolder(parent)
    expect(folder.path).toBe(parent)
  },
)

test('a folder that another process uses is refused with its pid', async () => {
  const { child, answer } = await openElsewhere(parent)
  expect(answer).toBe('open')
  expect(await refusalOf(parent)).toBe(
    `The data folder ${parent} is in use by another Ego (process ${child.pid}): stop that one, or choose another with --data or EGO_DATA.`,
  )
})

test('a second open by the same process is refused, and the first stays valid', async () => {
  await using _folder = await openDataFolder(parent)
  expect(await refusalOf(parent)).toContain('is in use')
  expect((await openElsewhere(parent)).answer).toContain('is in use')
})

test('a folder is free again once it is disposed or its process is killed', async () => {
  const first = await openDataFolder(parent)
  await first[Symbol.asyncDispose]()
  const { child, answer } = await openElsewhere(parent)
  expect(answer).toBe('open')
  child.kill('SIGKILL')
  await once(child, 'exit')
  await using _folder = await openDataFolder(parent)
})

test('of six starts at the same moment exactly one gets the folder, also after a kill', async () => {
  for (let round = 0; round < 2; round += 1) {
    const starts = await Promise.all(Array.from({ length: 6 }, () => openElsewhere(parent)))
    const winners = starts.filter(({ answer }) => answer === 'open')
    expect(winners).toHaveLength(1)
    winners[0]?.child.kill('SIGKILL')
    if (winners[0]) await once(winners[0].child, 'exit')
  }
})

test('a path that is a file, or is inside a file or behind a broken link, is refused', async () => {
  const file = join(parent, 'file')
  await writeFile(file, '')
  expect(await refusalOf(file)).toContain(`${file} is a file: choose another with --data`)
  expect(await refusalOf(join(file, 'data'))).toMatch(/is inside a file/)
  await symlink(join(parent, 'nowhere'), join(parent, 'link'))
  expect(await refusalOf(join(parent, 'link'))).toContain('is behind a broken link')
})

test('a folder that cannot be written is refused', async () => {
  // Root may write into any folder that is on a disk.
  const path = process.getuid?.() === 0 ? '/sys/ego' : join(parent, 'data')
  await chmod(parent, 0o500)
  expect(await refusalOf(path)).toContain(`${path} cannot be written by this user: choose another`)
  await chmod(parent, 0o700)
})

test('secrets are created once, private, and kept beside those with other names', async () => {
  const first = await secrets(parent, ['access', 'refresh'])
  expect(first.access).toMatch(/^[\w-]{43}$/)
  expect(first.access).not.toBe(first.refresh)
  const second = await secrets(parent, ['refresh', 'mail'])
  expect(second).toMatchObject({ refresh: first.refresh })
  expect(await secrets(parent, ['access', 'mail'])).toMatchObject({
    access: first.access,
    mail: second.mail,
  })
  expect((await stat(join(parent, 'secrets.json'))).mode & 0o777).toBe(0o600)
})

test('a damaged file of secrets is refused and left as it is', async () => {
  const file = join(parent, 'secrets.json')
  await writeFile(file, '{"access": ')
  await expect(secrets(parent, ['access'])).rejects.toThrow('restore it from a backup')
  expect(await readFile(file, 'utf8')).toBe('{"access": ')
})
