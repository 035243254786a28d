import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { createLog } from '@ego/kit/process/log'
import { testDatabase } from '@ego/kit/testing/database'
import { testIdentity, testIssuer } from '@ego/kit/testing/identity'
import { expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { wirePosts } from '../src/wire.ts'

test('without its index the service is ready, writes and reads; searches are unavailable', async () => {
  await using database = await testDatabase('posts')
  const identity = await testIdentity()
  const config = loadConfig({
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    ISSUER: testIssuer,
    ELASTICSEARCH_URL: 'http://127.0.0.1:1',
  })
  const bus = memoryBus({ consumers: ['posts'] })
  const log = createLog('posts', 'silent')
  await using service = await wirePosts(config, { log, bus, fetch: identity.fetch })
  await service.start()

  const ready = await service.app.request('/readyz')
  expect(ready.status).toBe(200)
  expect(await ready.json()).toMatchObject({
    status: 'degraded',
    checks: { postgres: 'ok', search: 'unavailable' },
  })
  const written = await service.app.request('/posts', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await identity.headers({ userId: 1 })) },
    body: JSON.stringify({ text_content: 'kept' }),
  })
  expect(written.status).toBe(201)
  const listed = await service.app.request('/posts?creator_id=1')
  expect(Object(await listed.json()).items).toMatchObject([{ text_content: 'kept' }])
  const searched = await service.app.request('/posts/search?q=kept')
  expect(searched.status).toBe(503)
  expect(await searched.json()).toMatchObject({ code: 'unavailable' })
  expect(await database.sql`select 1 from search_stale`).toHaveLength(1)
})
