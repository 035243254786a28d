import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileBlobs } from '@ego/kit/blobs/blobs-files'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { createLog } from '@ego/kit/process/log'
import { testDatabase } from '@ego/kit/testing/database'
import { testIdentity, testIssuer } from '@ego/kit/testing/identity'
import { expect, test, vi } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { wireUsers } from '../../src/wire.ts'
import { avatarCalls } from './avatar-calls.ts'
import { points } from './points.ts'

const randomKills = 10
const loops = 2
const members = points.map((_, at) => at + 1)

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
  const blobs = await fileBlobs(environment.BLOBS_FOLDER)
  for (const userId of members) {
    await database.sql`insert into account (user_id, username) values (${userId}, 'member')`
    await database.sql`
      insert into profile (user_id, username, first_name, last_name, gender, birthday)
      values (${userId}, 'member', 'Test', 'Test', 'other', '2000-01-01')`
  }
  await killAtPoints(environment)
  const left = await Promise.all(
    members.map(async (userId) => {
      const sets = await database.sql<{ hash: string; is_current: boolean }[]>`
        select hash, is_current
        from avatar
        where user_id = ${userId}
        order by is_current`
      return Promise.all(
        sets.map(async ({ hash, is_current }) => {
          const { items } = await blobs.list(`avatars/${userId}/${hash}-`)
          return `${items.length} ${is_current ? 'current' : 'left'}`
        }),
      )
    }),
  )
  expect(Object.fromEntries(points.map((point, at) => [point, left[at]]))).toEqual({
    inserted: ['0 left', '3 current'],
    'first put': ['1 left', '3 current'],
    'before the switch': ['3 left', '3 current'],
    committed: ['3 left', '3 current'],
    'half removed': ['2 left', '3 current'],
  })
  // Two at once, as two machines would be; each has members of its own and one in common.
  await Promise.all(
    Array.from({ length: loops }, async (_, loop) => {
      const mine = members.filter((id) => id % loops === loop || id === 1).map(String)
      for (let kills = 0; kills < randomKills; kills += 1) await killSometime(environment, mine)
    }),
  )

  const log = createLog('users', 'silent')
  const identity = await testIdentity()
  const given = { log, bus: memoryBus({ consumers: ['users'] }), fetch: identity.fetch }
  const service = resources.use(await wireUsers(loadConfig(environment), given))
  const request = service.app.request.bind(service.app)
  const avatars = avatarCalls({ request, blobs, sql: database.sql })
  await service.start()
  await vi.waitFor(() => avatars.expectObjectsAreRows(), { timeout: 15_000, interval: 100 })
  for (const userId of members) {
    const url = await avatars.urlInProfile(userId)
    if (url) expect((await request(url)).status).toBe(200)
  }
}, 240_000)

/** One process that is at all of them, of a member each. */
async function killAtPoints(environment: Environment): Promise<void> {
  await using child = start('stop-at-points.ts', [], environment)
  await vi.waitFor(() => expect(child.lines().sort()).toEqual(points.toSorted()), {
    timeout: 60_000,
  })
}

/** Some changes after its start, at no moment in particular. */
async function killSometime(environment: Environment, userIds: readonly string[]): Promise<void> {
  await using child = start('change-avatars.ts', userIds, environment)
  await vi.waitFor(() => expect(child.lines()).not.toEqual([]), { timeout: 60_000 })
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 200))
  await child[Symbol.asyncDispose]()
  expect(child.lines().filter((status) => !['200', '204'].includes(status))).toEqual([])
}

/** A process that is ended without a warning. */
function start(script: string, args: readonly string[], environment: Environment) {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text) => said.push(text))
  const exited = once(child, 'exit')
  return {
    /** Whole ones. */
    lines: () => said.join('').split('\n').slice(0, -1),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      expect((await exited)[1]).toBe('SIGKILL')
    },
  }
}
