import { memoryBus } from '@ego/kit/bus-memory'
import { createLog } from '@ego/kit/log'
import { testDatabase } from '@ego/kit/test-database'
import { testIdentity, testIssuer } from '@ego/kit/test-identity'
import { loadConfig } from '../src/config.ts'
import { wirePosts } from '../src/wire.ts'

/** The service on a database of its own, with a bus that the test publishes the events of others to. */
export async function startPosts() {
  const resources = new AsyncDisposableStack()
  const database = resources.use(await testDatabase('posts'))
  const identity = await testIdentity()
  const bus = memoryBus({ consumers: ['posts'] })
  const config = loadConfig({
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    ISSUER: testIssuer,
  })
  const log = createLog('posts', 'silent')
  const service = resources.use(await wirePosts(config, { log, bus, fetch: identity.fetch }))
  const { request } = service.app
  return {
    bus,
    sql: database.sql,
    identity,
    request: request.bind(service.app),
    async write(text: unknown, userId = 1, headers: Record<string, string> = {}) {
      return request('/posts', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(await identity.headers({ userId })),
          ...headers,
        },
        body: JSON.stringify({ text_content: text }),
      })
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export type TestPosts = Awaited<ReturnType<typeof startPosts>>

export function anEvent(type: string, payload: { user_id: number } & Record<string, unknown>) {
  return {
    id: crypto.randomUUID(),
    type,
    key: String(payload.user_id),
    occurred_at: new Date().toISOString(),
    request_id: null,
    payload,
  }
}
