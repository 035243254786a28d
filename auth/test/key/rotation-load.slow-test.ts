import { setTimeout as sleep } from 'node:timers/promises'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { assertionCallers, type Callers } from '@ego/kit/http/identity/caller'
import { remoteKeys } from '@ego/kit/http/identity/remote-keys'
import { createLog } from '@ego/kit/process/log'
import { testIssuer } from '@ego/kit/testing/identity'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { rotateKeys } from '../../src/key/rotation.ts'
import { postgresKeys } from '../../src/key/store-postgres.ts'
import { wireAuth } from '../../src/wire.ts'
import { aRegistration, startAuth } from '../start-auth.ts'

type Request = (path: string, options?: RequestInit) => Response | Promise<Response>

const jwksPath = '/auth/.well-known/jwks.json'
const log = createLog('auth', 'silent')
const members = 8
// The minute of the requirement is ROTATION_SECONDS=60 ROTATION_EVERY_MS=5000.
const seconds = Number(process.env.ROTATION_SECONDS ?? 4)
const everyMs = Number(process.env.ROTATION_EVERY_MS ?? 200)
let deadlineMs = 0

test('rotating again and again under load refuses no valid token', {
  timeout: (seconds + 30) * 1000,
}, async () => {
  await using auth = await startAuth()
  // Not the service of startAuth itself: its clock stands still, and an assertion lives for a minute.
  const wire = () => wireAuth(loadConfig(auth.environment), { log, bus: memoryBus() })
  await using one = await wire()
  await using another = await wire()
  const requests: Request[] = [one, another].map(({ app }) => app.request.bind(app))
  deadlineMs = Date.now() + seconds * 1000
  const counts = counter()
  const clients = Array.from({ length: members }, () => aMember(requests, counts.add))
  await Promise.all([rotateUntilDeadline(auth, counts.add), ...clients])
  if (process.env.ROTATION_SECONDS) process.stdout.write(`${JSON.stringify(counts.all)}\n`)
  const { rotations, ...answers } = counts.all
  expect(rotations).toBeGreaterThan((seconds * 1000) / everyMs / 4)
  expect(Object.keys(answers).sort()).toEqual([
    'login 200',
    'refresh 200',
    'service ok',
    'verify 204',
  ])
})

function counter() {
  const all: Record<string, number> = {}
  const add = (what: string) => {
    all[what] = (all[what] ?? 0) + 1
  }
  return { all, add }
}

async function rotateUntilDeadline(
  { sql, environment }: Pick<Awaited<ReturnType<typeof startAuth>>, 'sql' | 'environment'>,
  count: (what: string) => void,
) {
  const encryptionKey = Buffer.from(String(environment.KEY_ENCRYPTION_KEY), 'base64url')
  const keys = postgresKeys({ sql, log, retiredMsKept: 20 * 60_000 })
  while (Date.now() < deadlineMs) {
    await rotateKeys({ keys, encryptionKey })
    count('rotations')
    await sleep(everyMs)
  }
}

/** Signs in and refreshes, each time at any of the processes, and uses every token through verify and a service. */
async function aMember(requests: readonly Request[], count: (what: string) => void) {
  const services = requests.map(serviceBehind)
  const registration = aRegistration()
  await send('/auth/registration', registration)
  const { username, password } = registration
  while (Date.now() < deadlineMs) await liveOnce()

  async function liveOnce() {
    let tokens = await tokensOf('login', await send('/auth/login', { username, password }))
    for (let turn = 0; turn < 5 && Date.now() < deadlineMs; turn += 1) {
      const earlier = tokens.access
      await Promise.all([use(tokens.access), use(tokens.access)])
      const refreshed = await send('/auth/refresh', { refresh_token: tokens.refresh })
      tokens = await tokensOf('refresh', refreshed)
      await use(earlier)
    }
  }

  async function tokensOf(what: string, response: Response) {
    count(`${what} ${response.status}`)
    const { access_token, refresh_token } = Object(await response.json())
    return { access: String(access_token), refresh: String(refresh_token) }
  }

  async function use(access: string) {
    const headers = { authorization: `Bearer ${access}` }
    const verified = await anyOf(requests)('/auth/verify', { headers })
    count(`verify ${verified.status}`)
    try {
      const caller = await anyOf(services).find((name) => verified.headers.get(name) ?? undefined)
      count(caller ? 'service ok' : 'service anonymous')
    } catch (error) {
      count(`service ${Object(error).code}`)
    }
  }

  async function send(path: string, body: unknown) {
    return anyOf(requests)(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }
}

function serviceBehind(request: Request): Callers {
  const keys = remoteKeys(`http://auth${jwksPath}`, async () => request(jwksPath))
  return assertionCallers({ keys, issuer: testIssuer })
}

function anyOf<T>(list: readonly T[]): T {
  const chosen = list[Math.floor(Math.random() * list.length)]
  if (chosen === undefined) throw new Error('There is nothing to choose from.')
  return chosen
}
