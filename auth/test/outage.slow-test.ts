import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { sealingPublicKey } from '@ego/kit/http/identity/sealed'
import { startEmbeddedPostgres } from '@ego/kit/postgres/embedded/start'
import { createServiceDatabase } from '@ego/kit/postgres/service-database'
import { createLog } from '@ego/kit/process/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { wireAuth } from '../src/wire.ts'
import { aRegistration } from './start-auth.ts'

const key = () => randomBytes(32).toString('base64url')
const login = { ownerPassword: 'owner', appPassword: 'app' }
let parent = ''
let folder = ''

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'ego-outage-'))
  // As root, Postgres runs as another user, who has to pass through here.
  await chmod(parent, 0o711)
  folder = join(parent, 'postgres')
})
afterAll(() => rm(parent, { recursive: true, force: true }))

test('Postgres restarted under load gives clean 503s, then everything that was acknowledged', async () => {
  const first = await startEmbeddedPostgres({ folder })
  await createServiceDatabase(first.adminUrl, { name: 'auth', ...login })
  const config = loadConfig({
    DATABASE_URL: first.url('auth', { user: 'auth_app', password: 'app' }),
    DATABASE_OWNER_URL: first.url('auth', { user: 'auth_owner', password: 'owner' }),
    ISSUER: 'http://localhost:9080',
    KEY_ENCRYPTION_KEY: key(),
    REFRESH_TOKEN_KEY: key(),
    MAIL_PUBLIC_KEY: sealingPublicKey(key()),
    ARGON2_MEMORY_KIB: '8192',
    ARGON2_PASSES: '1',
    REGISTRATIONS_PER_HOUR: '100000',
  })
  const log = createLog('auth', 'silent')
  await using auth = await wireAuth(config, { log, bus: memoryBus({ consumers: ['auth'] }) })
  await auth.start()
  const post = (path: string, body: unknown) =>
    auth.app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  const acknowledged: { username: string; password: string; token: string }[] = []
  const statuses = new Set<number>()
  let isLoaded = true
  const clients = Array.from({ length: 6 }, async () => {
    while (isLoaded) {
      const registration = aRegistration()
      const response = await post('/auth/registration', registration)
      statuses.add(response.status)
      const body = Object(await response.json())
      if (response.status !== 201) {
        expect(body).toMatchObject({ status: 503, code: 'unavailable' })
        expect(response.headers.get('retry-after')).toBe('1')
        await new Promise((resolve) => setTimeout(resolve, 5))
        continue
      }
      const { username, password } = registration
      acknowledged.push({ username, password, token: body.access_token })
    }
  })

  await expect.poll(() => acknowledged.length).toBeGreaterThan(20)
  const verifyStatus = async () => {
    const headers = { authorization: `Bearer ${acknowledged[0]?.token}` }
    return (await auth.app.request('/auth/verify', { headers })).status
  }
  // Remembered from here on: the outage then meets the path that answers from memory.
  expect(await verifyStatus()).toBe(204)
  await first.stop()
  await expect.poll(() => statuses.has(503)).toBe(true)
  await expect.poll(verifyStatus).toBe(503)
  // Many at once while nothing answers: a forgotten promise would end the process.
  await Promise.all(Array.from({ length: 50 }, verifyStatus))
  const before = acknowledged.length
  const second = await startEmbeddedPostgres({ folder })
  await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(before + 20)
  isLoaded = false
  await Promise.all(clients)
  expect([...statuses].sort()).toEqual([201, 503])
  await expect.poll(verifyStatus, { timeout: 5_000 }).toBe(204)
  for (const { username, password } of acknowledged) {
    expect((await post('/auth/login', { username, password })).status).toBe(200)
  }
  await auth[Symbol.asyncDispose]()
  await second.stop()
}, 60_000)
