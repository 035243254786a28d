import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isAlive } from '@ego/kit/postgres/embedded/process-list'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Like npm, continues after a first signal. */
const stubbornNpm = `#!/usr/bin/env bash
trap '' HUP INT TERM
echo $$ >pid.tmp
mv pid.tmp pid
exec sleep 600
`

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ego install '))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s while packages are installed ends npm too, and leaves no lock',
  async (signal, code) => {
    const root = await aRepository(signal)
    const child = spawn(process.execPath, [join(root, 'scripts/install.mjs')], {
      env: { ...process.env, PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}` },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const ended = once(child, 'close')
    await expect.poll(() => existsSync(join(root, 'pid'))).toBe(true)
    const npm = Number(await readFile(join(root, 'pid'), 'utf8'))
    try {
      child.kill(signal)
      expect(await ended).toEqual([code, null])
      expect(errors).toMatch(/^Installing packages… stopped after \d+ s\n$/)
      await expect.poll(() => isAlive(npm)).toBe(false)
      expect(existsSync(join(root, '.install.lock'))).toBe(false)
    } finally {
      if (isAlive(npm)) process.kill(npm, 'SIGKILL')
    }
  },
)

test('a workspace that is newer than the installation is linked', async () => {
  const root = await aRepository('workspace')
  const packages = { notes: {}, 'node_modules/@ego/notes': { resolved: 'notes', link: true } }
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages }))
  await mkdir(join(root, 'node_modules'))
  // npm's record from before the workspace existed.
  await writeFile(join(root, 'node_modules/.package-lock.json'), '{"packages":{}}')
  await writeFile(join(root, 'bin/npm'), '#!/usr/bin/env bash\ntouch asked\n')
  const child = spawn(process.execPath, [join(root, 'scripts/install.mjs')], {
    env: { ...process.env, PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}` },
    stdio: 'ignore',
  })
  await once(child, 'close')
  expect(existsSync(join(root, 'asked'))).toBe(true)
})

/** A repository with only the installation scripts. */
async function aRepository(name: string): Promise<string> {
  const root = join(folder, name)
  await mkdir(join(root, 'scripts'), { recursive: true })
  for (const script of ['install.mjs', 'install-lock.mjs']) {
    const source = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url))
    await copyFile(source, join(root, 'scripts', script))
  }
  await writeFile(join(root, 'package-lock.json'), '{"packages":{}}')
  await mkdir(join(root, 'bin'))
  await writeFile(join(root, 'bin/npm'), stubbornNpm)
  await chmod(join(root, 'bin/npm'), 0o755)
  return root
}
