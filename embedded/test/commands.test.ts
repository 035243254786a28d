import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { freePort, startEmbedded } from './start-embedded.ts'

const run = promisify(execFile)
const cwd = fileURLToPath(new URL('../..', import.meta.url))

test('operators rotate keys and make staff by npm while the platform runs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ego commands '))
  const data = join(folder, 'data')
  const platform = await startEmbedded({ data, port: await freePort() })
  try {
    expect(await platform.isUp(), platform.run.errors).toBe(true)
    const npm = async (...args: string[]) =>
      (await run('npm', ['run', '-s', ...args, '--data', data], { cwd })).stdout
    const keyIds = async () => {
      const response = await fetch(`${platform.url}/.well-known/jwks.json`)
      return Object(await response.json()).keys.map(({ kid }: { kid: string }) => kid)
    }
    const before = await keyIds()
    await npm('keys', '--', 'rotate')
    await expect.poll(keyIds).toHaveLength(before.length + 1)
    expect(await npm('keys', '--', 'list')).toContain('signs now')
    expect(await npm('admin', '--', 'create', 'second', 'second@example.com')).toContain('second')
  } finally {
    await platform.stop()
    await rm(folder, { recursive: true, force: true })
  }
}, 60_000)
