import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileBlobs } from '@ego/kit/blobs-files'
import { memoryBus } from '@ego/kit/bus-memory'
import { createLog } from '@ego/kit/log'
import { testDatabase } from '@ego/kit/test-database'
import { testIdentity, testIssuer } from '@ego/kit/test-identity'
import { expect, test, vi } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { wireUsers } from '../src/wire.ts'
import { avatarCalls } from './avatar-calls.ts'

const kills = 20
const atOnce = 2
const members = [1, 2, 3, 4]

type Environment = Record<string, string>

test('whatever is killed while avatars change, rows and objects agree afterwards', async () => {
  await using database = await testDatabase('users')
  await using resources = new AsyncDisposableStack()
  const folder = resources.adopt(await mkdtemp(join(tmpdir(), 'ego-users-')), (path) =>
    rm(path, { recursive: true }),
  )
  const environment = {
    BLOBS_FOLDER: join(folder, 'blobs'),
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    ISSUER: testIssuer,
  }
  for (const userId of members) {
    await database.sql`insert into account (user_id, username) values (${userId}, 'member')`
    await database.sql`
      insert into profile (user_id, username, first_name, last_name, gender, birthday)
      values (${userId}, 'member', 'Test', 'Test', 'other', '2000-01-01')`
  }
  // Two at once, as two machines would be; each has members of its own and one in common.
  const killed = Array.from({ length: kills }, (_, at) => at)
  await Promise.all(
    Array.from({ length: atOnce }, async (_, lane) => {
      const mine = members.filter((id) => id % atOnce === lane || id === 1).map(String)
      for (const _ of killed.filter((at) => at % atOnce === lane))
        await runAndKill(environment, mine)
    }),
  )
  const left = await database.sql`select 1 from avatar where not is_current`
  expect(left.length).toBeGreaterThan(0)

  const log = createLog('users', 'silent')
  const identity = await testIdentity()
  const given = { log, bus: memoryBus({ consumers: ['users'] }), fetch: identity.fetch }
  const service = resources.use(await wireUsers(loadConfig(environment), given))
  const blobs = await fileBlobs(environment.BLOBS_FOLDER)
  const request = service.app.request.bind(service.app)
  const avatars = avatarCalls({ request, blobs, sql: database.sql })
  await service.start()
  await vi.waitFor(() => avatars.expectObjectsAreRows(), { timeout: 15_000, interval: 100 })
  for (const userId of members) {
    const url = await avatars.urlInProfile(userId)
    if (url) expect((await request(url)).status).toBe(200)
  }
}, 60_000)

/** Ends it without a warning some changes after its start, at no moment in particular. */
async function runAndKill(environment: Environment, userIds: readonly string[]): Promise<void> {
  const script = fileURLToPath(new URL('change-avatars.ts', import.meta.url))
  const child = spawn(process.execPath, [script, ...userIds], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text) => said.push(text))
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 200))
  child.kill('SIGKILL')
  expect((await exited)[1]).toBe('SIGKILL')
  const statuses = said.join('').split('\n').slice(0, -1)
  expect(statuses.filter((status) => !['200', '204'].includes(status))).toEqual([])
}
