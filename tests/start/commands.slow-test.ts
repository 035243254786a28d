import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { serviceNames } from '@ego/contracts/services'
import { findRunningPlatform } from '@ego/kit/commands/running-platform'
import { addDeadLetter } from '@ego/kit/events/dead-letters'
import { connectPostgres } from '@ego/kit/postgres/postgres'
import { freePort } from '@ego/kit/process/free-port'
import { expect, test } from 'vitest'
import { startEmbedded } from './start-embedded.ts'

const run = promisify(execFile)
const cwd = fileURLToPath(new URL('../..', import.meta.url))

test('npm commands rotate keys, create staff and replay events while the platform runs', async () => {
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

    await leaveDeadLetter(data)
    const lag = await npm('events', '--', 'lag')
    expect(lag.split('\n').map((line) => line.split(' ')[0])).toEqual([...serviceNames, ''])
    expect(lag).toMatch(/^users .*, 1 dead letter$/m)
    expect(await npm('events', '--', 'replay', 'users', 'all')).toBe(
      'users has applied 1; 0 failed.\n',
    )
  } finally {
    await platform.stop()
    await rm(folder, { recursive: true, force: true })
  }
}, 120_000)

/** Inserts a dead letter as users would. */
async function leaveDeadLetter(data: string): Promise<void> {
  const platform = await findRunningPlatform(data, 'users')
  await using sql = connectPostgres({ url: platform?.databaseUrl ?? '', max: 1 })
  const event = {
    id: crypto.randomUUID(),
    type: 'user.registered.v1',
    key: '1000',
    occurred_at: new Date().toISOString(),
    request_id: null,
    payload: { user_id: 1000, username: 'late' },
  }
  await addDeadLetter(sql, { consumer: 'users', event, error: new Error('Away.'), attempts: 5 })
}
