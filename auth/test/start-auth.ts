import { randomBytes } from 'node:crypto'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { openWith, sealingPublicKey } from '@ego/kit/http/identity/sealed'
import { createLog } from '@ego/kit/process/log'
import { testDatabase } from '@ego/kit/testing/database'
import { testIssuer } from '@ego/kit/testing/identity'
import { z } from 'zod'
import { loadConfig } from '../src/config.ts'
import { wireAuth } from '../src/wire.ts'

const mail = z.object({
  to: z.string(),
  username: z.string(),
  token: z.string().optional(),
  link: z.string().optional(),
  device: z.string().optional(),
  new_email: z.string().optional(),
})

const key = () => randomBytes(32).toString('base64url')

/** The service on a database of its own; passwords are hashed as cheaply as the configuration allows. */
export async function startAuth(variables: Record<string, string> = {}) {
  const resources = new AsyncDisposableStack()
  const database = resources.use(await testDatabase('auth'))
  const lines: string[] = []
  const mailKey = key()
  let nowMs = Date.now()
  const environment = {
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    ISSUER: testIssuer,
    KEY_ENCRYPTION_KEY: key(),
    REFRESH_TOKEN_KEY: key(),
    MAIL_PUBLIC_KEY: sealingPublicKey(mailKey),
    LOGIN_MISSES_PER_IP: '100000',
    REGISTRATIONS_PER_HOUR: '100000',
    ARGON2_MEMORY_KIB: '8192',
    ARGON2_PASSES: '1',
    ...variables,
  }
  const given = {
    log: createLog('auth', 'trace', { write: (line) => void lines.push(line) }),
    bus: memoryBus({ consumers: ['auth'] }),
    now: () => nowMs,
  }
  const open = openWith(mailKey)
  const service = resources.use(await wireAuth(loadConfig(environment), given))
  return {
    environment,
    /** What a mail holds, as the mail worker would open it; the newest first. */
    async mails() {
      const rows = await database.sql<{ payload: { template: string; sealed: string } }[]>`
        select payload
        from outbox
        where type = 'mail.requested.v1'
        order by position desc`
      return Promise.all(
        rows.map(async ({ payload: { template, sealed } }) => ({
          template,
          ...mail.parse(await open(sealed)),
        })),
      )
    },
    start: () => service.start(),
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

/** A registration that differs from all others of the file. */
export function aRegistration(changes: Record<string, unknown> = {}) {
  counter += 1
  return {
    username: `member${counter}`,
    password: 'a good passphrase',
    user_email: `member${counter}@example.com`,
    ...changes,
  }
}

export async function aMember(auth: TestAuth, changes: Record<string, unknown> = {}) {
  const registration = aRegistration(changes)
  const { password } = registration
  const body = Object(await (await auth.post('/auth/registration', registration)).json())
  return {
    ...registration,
    password,
    userId: Number(body.user_id),
    token: String(body.access_token),
    refresh: String(body.refresh_token),
  }
}

export async function verifies(auth: TestAuth, token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` }
  return (await auth.request('/auth/verify', { headers })).status === 204
}

/** Asks as the gateway does: verify first, then the request with the identity headers. */
export async function as(
  auth: TestAuth,
  token: string,
  path: string,
  method = 'GET',
  body?: unknown,
): Promise<Response> {
  const authorization = `Bearer ${token}`
  const verified = await auth.request('/auth/verify', { headers: { authorization } })
  const headers = new Headers([...verified.headers].filter(([name]) => name.startsWith('x-')))
  if (body === undefined) return auth.request(path, { method, headers })
  headers.set('content-type', 'application/json')
  return auth.request(path, { method, headers, body: JSON.stringify(body) })
}
