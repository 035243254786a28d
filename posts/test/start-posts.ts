import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import type { Service } from '@ego/kit/http/service'
import { createLog } from '@ego/kit/process/log'
import { testDatabase } from '@ego/kit/testing/database'
import { testIdentity, testIssuer } from '@ego/kit/testing/identity'
import { vi } from 'vitest'
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
  // Tests also write without waking the projector.
  const given = { log, fetch: identity.fetch, pollMs: 200 }
  const service = resources.use(await wirePosts(config, { ...given, bus }))
  await service.start()
  const request = service.app.request.bind(service.app)
  const writeTo =
    ({ app }: Service) =>
    async (text: unknown, userId = 1, headers: Record<string, string> = {}) =>
      app.request('/posts', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(await identity.headers({ userId })),
          ...headers,
        },
        body: JSON.stringify({ text_content: text }),
      })

  async function change(method: string, postId: string, userId: number, more: RequestInit) {
    const headers = { ...(await identity.headers({ userId })), ...Object(more.headers) }
    return request(`/posts/${postId}`, { method, ...more, headers })
  }

  return {
    bus,
    sql: database.sql,
    identity,
    request,
    edit: (postId: string, text: unknown, userId = 1, headers: Record<string, string> = {}) =>
      change('PATCH', postId, userId, {
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ text_content: text }),
      }),
    remove: (postId: string, userId = 1, headers: Record<string, string> = {}) =>
      change('DELETE', postId, userId, { headers }),
    /** Resolves when the index shows all posts as they are. */
    indexed: () =>
      vi.waitFor(
        async () => {
          const [row] = await database.sql`select 1 from search_stale limit 1`
          if (row) throw new Error('The index is behind.')
        },
        { timeout: 10_000, interval: 2 },
      ),
    /** The types and payloads of the events about a person, in their order. */
    events: async (userId: number) => [
      ...(await database.sql`
        select type, payload
        from outbox
        where key = ${String(userId)}
        order by position`),
    ],
    write: writeTo(service),
    /** Another process on the same database, which remembers nothing of the first one. */
    async startAgain() {
      const again = await wirePosts(config, { ...given, bus: memoryBus({ consumers: ['posts'] }) })
      return {
        write: writeTo(again),
        [Symbol.asyncDispose]: () => again[Symbol.asyncDispose](),
      }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export type TestPosts = Awaited<ReturnType<typeof startPosts>>

export function anEvent(type: string, payload: Record<string, unknown>) {
  return {
    id: crypto.randomUUID(),
    type,
    key: String(payload.user_id ?? payload.follower_id),
    occurred_at: new Date().toISOString(),
    request_id: null,
    payload,
  }
}
