import { once } from 'node:events'
import { createServer } from 'node:http'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { createLog } from '@ego/kit/process/log'
import { testDatabase } from '@ego/kit/testing/database'
import { testIdentity, testIssuer } from '@ego/kit/testing/identity'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { wireUsers } from '../../src/wire.ts'
import { answerOf } from './avatar-calls.ts'
import { anotherPng } from './images.ts'

/** Answers as S3 does for single objects, and counts what it is asked; it can list nothing. */
async function aBucket() {
  const objects = new Map<string, Buffer>()
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '' } = request
    const path = decodeURIComponent(url.split('?')[0] ?? '')
    asked.push(`${method} ${path}`)
    const body = Buffer.concat(await Array.fromAsync(request))
    if (method === 'PUT') objects.set(path, body)
    const found = objects.get(path)
    if (method === 'PUT') response.end()
    else if (method === 'GET' && found) response.end(found)
    else response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('It listens nowhere.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** What it was asked meanwhile. */
    async during(work: () => Promise<unknown>): Promise<string[]> {
      asked.length = 0
      await work()
      return [...asked]
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('a bucket is asked for one object at most', async () => {
  await using database = await testDatabase('users')
  await using bucket = await aBucket()
  const identity = await testIdentity()
  const config = loadConfig({
    S3_BUCKET: 'bucket',
    S3_ENDPOINT: bucket.url,
    S3_PATH_STYLE: 'true',
    S3_ACCESS_KEY_ID: 'id',
    S3_SECRET_ACCESS_KEY: 'secret',
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    ISSUER: testIssuer,
  })
  const log = createLog('users', 'silent')
  const given = { log, bus: memoryBus({ consumers: ['users'] }), fetch: identity.fetch }
  await using service = await wireUsers(config, given)
  const request = service.app.request.bind(service.app)
  const statusOf = async (path: string, init: RequestInit = {}) =>
    (await request(path, init)).status

  const ready = await bucket.during(async () => expect(await statusOf('/readyz')).toBe(200))
  expect(ready).toEqual(['GET /bucket/readiness!'])

  await database.sql`insert into account (user_id, username) values (1, 'member')`
  await database.sql`
    insert into profile (user_id, username, first_name, last_name, gender, birthday)
    values (1, 'member', 'Test', 'Test', 'other', '2000-01-01')`
  const headers = await identity.headers({ userId: 1 })
  const body = new Uint8Array(await anotherPng())
  const { url } = await answerOf(
    await request('/users/me/avatar', { method: 'PUT', headers, body }),
  )
  let etag = ''
  const read = await bucket.during(async () => {
    const image = await request(url)
    etag = image.headers.get('etag') ?? ''
    expect(Number(image.headers.get('content-length'))).toBe((await image.arrayBuffer()).byteLength)
  })
  expect(read).toEqual([expect.stringMatching(/^GET \/bucket\/avatars\/1\/[\w-]+-256\.webp!$/)])
  const again = { headers: { 'if-none-match': etag } }
  const revalidated = await bucket.during(async () => expect(await statusOf(url, again)).toBe(304))
  const headed = await bucket.during(async () =>
    expect(await statusOf(url, { method: 'HEAD' })).toBe(200),
  )
  expect([revalidated, headed]).toEqual([[], []])
})
