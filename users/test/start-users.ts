import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileBlobs } from '@ego/kit/blobs/blobs-files'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import type { App } from '@ego/kit/http/context'
import { createLog } from '@ego/kit/process/log'
import { testDatabase } from '@ego/kit/testing/database'
import { testIdentity, testIssuer } from '@ego/kit/testing/identity'
import { loadConfig } from '../src/config.ts'
import { wireUsers } from '../src/wire.ts'

/** The service on a database of its own, with a bus that the test publishes the events of auth to. */
type Options = { now?: () => number; variables?: Record<string, string> }

export async function startUsers({ now = Date.now, variables = {} }: Options = {}) {
  const resources = new AsyncDisposableStack()
  const { database, identity, bus, blobs, service, sleeping, restart } = await compose(resources, {
    now,
    variables,
  })
  let registrations = 0

  async function aMember() {
    registrations += 1
    const userId = registrations
    const username = `member${userId}`
    await bus.publish([aRegisteredEvent(userId, username)])
    return { userId, username, headers: await identity.headers({ userId }) }
  }

  return {
    bus,
    blobs,
    sql: database.sql,
    ownerUrl: database.ownerUrl,
    identity,
    request: (...request: Parameters<App['request']>) => service().app.request(...request),
    /** As if the process went away; `restart` is another one on the same database, blobs and bus. */
    stop: () => service()[Symbol.asyncDispose](),
    restart,
    onSleep: (work: () => Promise<void>) =>
      new Promise<void>((resolve) => {
        sleeping.work = async () => {
          await work()
          resolve()
        }
      }),
    /** A registered account: its id, and the headers that the gateway sets for it. */
    aMember,
    /** A member with a profile. */
    async aPerson(changes: Record<string, unknown> = {}) {
      const member = await aMember()
      const response = await service().app.request('/users', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...member.headers },
        body: JSON.stringify(aProfile(changes)),
      })
      if (response.status !== 201) throw new Error(await response.text())
      return member
    },
    /** What auth tells of an account. */
    tell: (type: string, userId: number, more: object = {}) =>
      bus.publish([
        { ...aRegisteredEvent(userId, ''), type, payload: { user_id: userId, ...more } },
      ]),
    /** The types and payloads of the events of a key, in their order. */
    events: async (key: number) => [
      ...(await database.sql`
        select type, payload
        from outbox
        where key = ${String(key)}
        order by position`),
    ],
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function compose(resources: AsyncDisposableStack, { now, variables }: Required<Options>) {
  const database = resources.use(await testDatabase('users'))
  const identity = await testIdentity()
  const bus = memoryBus({ consumers: ['users'] })
  const folder = resources.adopt(await mkdtemp(join(tmpdir(), 'ego-users-')), (path) =>
    rm(path, { recursive: true }),
  )
  const config = loadConfig({
    BLOBS_FOLDER: folder,
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    ISSUER: testIssuer,
    ...variables,
  })
  const log = createLog('users', 'silent')
  const sleeping = { work: async () => {} }
  const given = {
    log,
    bus,
    now,
    fetch: identity.fetch,
    /** The service sleeps no time at all, and the test may do something meanwhile. */
    sleep: async () => {
      const work = sleeping.work
      sleeping.work = async () => {}
      await work()
    },
  }
  const start = async () => {
    const started = await wireUsers(config, given)
    await started.start()
    return started
  }
  let service = await start()
  resources.defer(() => service[Symbol.asyncDispose]())
  const blobs = await fileBlobs(folder)
  return {
    database,
    identity,
    bus,
    blobs,
    sleeping,
    service: () => service,
    restart: async () => {
      service = await start()
    },
  }
}

export type TestUsers = Awaited<ReturnType<typeof startUsers>>

export function aRegisteredEvent(userId: number, username: string) {
  return {
    id: crypto.randomUUID(),
    type: 'user.registered.v1',
    key: String(userId),
    occurred_at: new Date().toISOString(),
    request_id: null,
    payload: { user_id: userId, username },
  }
}

export function aProfile(changes: Record<string, unknown> = {}) {
  return {
    first_name: 'Test',
    last_name: 'Test',
    gender: 'male',
    birthday: '2023-07-18',
    ...changes,
  }
}
