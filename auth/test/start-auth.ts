import { randomBytes } from 'node:crypto'
import { memoryBus } from '@ego/kit/bus-memory'
import { createLog } from '@ego/kit/log'
import { testDatabase } from '@ego/kit/test-database'
import { testIssuer } from '@ego/kit/test-identity'
import { loadConfig } from '../src/config.ts'
import { wireAuth } from '../src/wire.ts'

const key = () => randomBytes(32).toString('base64url')

/** The service on a database of its own; passwords are hashed as cheaply as the configuration allows. */
export async function startAuth(variables: Record<string, string> = {}) {
  const resources = new AsyncDisposableStack()
  const database = resources.use(await testDatabase('auth'))
  const lines: string[] = []
  let nowMs = Date.now()
  const environment = {
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    ISSUER: testIssuer,
    KEY_ENCRYPTION_KEY: key(),
    REFRESH_TOKEN_KEY: key(),
    ARGON2_MEMORY_KIB: '8192',
    ARGON2_PASSES: '1',
    ...variables,
  }
  const given = {
    log: createLog('auth', 'info', { write: (line) => void lines.push(line) }),
    bus: memoryBus(),
    now: () => nowMs,
  }
  const service = resources.use(await wireAuth(loadConfig(environment), given))
  return {
    environment,
    sql: database.sql,
    lines,
    request: service.app.request.bind(service.app),
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      service.app.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    /** As if the network had dropped every connection that listens for ended sessions. */
    cutListeners: () => database.terminate('auth-revocations'),
    pass: (ms: number) => {
      nowMs += ms
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export type TestAuth = Awaited<ReturnType<typeof startAuth>>

let counter = 0

/** A registration that nobody else in the file has made. */
export function aRegistration(changes: Record<string, unknown> = {}) {
  counter += 1
  return {
    username: `member${counter}`,
    password: 'a good passphrase',
    user_email: `member${counter}@example.com`,
    ...changes,
  }
}
