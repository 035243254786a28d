import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eachService, serviceNames } from '@ego/contracts/services'
import { collectingLog } from '@ego/gateway/testing/gateway'
import { type TestDatabase, testDatabase } from '@ego/kit/testing/database'
import { z } from 'zod'
import { type Arrival, type DatabaseUrls, staffLogin, wirePlatform } from './wire-platform.ts'

const account = z.object({ user_id: z.int() })
const signedIn = z.object({ access_token: z.string() })

export type Member = { userId: number; username: string; token: string }

/** Creates empty, migrated databases for all services and removes them after the test. */
export async function testDatabases(resources: AsyncDisposableStack): Promise<DatabaseUrls> {
  const open = async (service: string) => resources.use(await testDatabase(service))
  const opened = await Promise.all(serviceNames.map(open))
  return eachService((_, index) => opened[index] as TestDatabase)
}

export async function testFolder(resources: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ego-hostile-'))
  resources.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the platform in the process of the test, and records the requests that reach services and the log of the gateway. */
export async function startPlatform() {
  await using building = new AsyncDisposableStack()
  const arrivals: Arrival[] = []
  const { log, lines } = collectingLog()
  const databases = await testDatabases(building)
  const { gateway } = await wirePlatform({
    databases,
    folder: await testFolder(building),
    resources: building,
    log,
    onArrival: (arrival) => void arrivals.push(arrival),
  })
  const resources = building.move()
  const { url } = gateway
  return {
    url,
    databases,
    arrivals,
    lines,
    aMember: (username: string) => register(url, username),
    async staff(): Promise<Member> {
      const login = await post(url, '/auth/login', staffLogin)
      const { access_token: token } = signedIn.parse(await login.json())
      const me = await fetch(`${url}/auth/me`, { headers: { authorization: `Bearer ${token}` } })
      const { user_id } = account.parse(await me.json())
      return { userId: user_id, username: staffLogin.username, token }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export type TestPlatform = Awaited<ReturnType<typeof startPlatform>>

/** Registers an account and completes its profile. */
export async function register(url: string, username: string): Promise<Member> {
  const response = await post(url, '/auth/registration', {
    username,
    password: 'a good passphrase',
    user_email: `${username}@a.example`,
  })
  const { user_id, access_token } = account.extend(signedIn.shape).parse(await response.json())
  const profile = { first_name: 'A', last_name: 'B', gender: 'other', birthday: '2000-01-01' }
  await post(url, '/users', profile, access_token)
  return { userId: user_id, username, token: access_token }
}

function post(url: string, path: string, body: unknown, token?: string): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })
}
