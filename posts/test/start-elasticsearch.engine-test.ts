import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { memoryBus } from '@ego/kit/events/memory/bus-memory'
import { createLog } from '@ego/kit/process/log'
import { type TestDatabase, testDatabase } from '@ego/kit/testing/database'
import { testIdentity, testIssuer } from '@ego/kit/testing/identity'
import { openLink } from '@ego/kit/testing/link'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { wirePosts } from '../src/wire.ts'

const url = process.env.EGO_TEST_ELASTICSEARCH ?? ''
const deadline = { timeout: 20_000 }
let prefix = ''
let resources = new AsyncDisposableStack()
let identity: Awaited<ReturnType<typeof testIdentity>>

beforeAll(async () => {
  identity = await testIdentity()
})
afterEach(async () => {
  await resources.disposeAsync()
  resources = new AsyncDisposableStack()
})

async function aDatabase(): Promise<TestDatabase> {
  prefix = `test-${randomBytes(6).toString('hex')}`
  resources.defer(async () => {
    for (const name of await indices()) await fetch(`${url}/${name}`, { method: 'DELETE' })
  })
  return resources.use(await testDatabase('posts'))
}

async function start(database: TestDatabase, elasticsearchUrl: string) {
  const config = loadConfig({
    DATABASE_URL: database.url,
    DATABASE_OWNER_URL: database.ownerUrl,
    ISSUER: testIssuer,
    ELASTICSEARCH_URL: elasticsearchUrl,
    ELASTICSEARCH_PREFIX: prefix,
  })
  const bus = memoryBus({ consumers: ['posts'] })
  const log = createLog('posts', 'silent')
  const service = resources.use(await wirePosts(config, { log, bus, fetch: identity.fetch }))
  await service.start()
  return service.app
}

async function indices(): Promise<string[]> {
  return Object.keys(Object(await (await fetch(`${url}/${prefix}-posts-*/_alias`)).json()))
}

async function aliasesOf(name: string): Promise<string[]> {
  const found = Object(await (await fetch(`${url}/${name}/_alias`)).json())
  return Object.keys(Object(found[name]).aliases)
}

const readiness = async (app: Awaited<ReturnType<typeof start>>) => {
  const response = await app.request('/readyz')
  const { status, checks } = Object(await response.json())
  return { code: response.status, status, search: checks.search }
}

test('processes that start at once make one index, with its alias and its mapping', async () => {
  const database = await aDatabase()
  const apps = await Promise.all([1, 2, 3].map(() => start(database, url)))
  await expect.poll(indices, deadline).toEqual([`${prefix}-posts-000001`])
  expect(await aliasesOf(`${prefix}-posts-000001`)).toEqual([`${prefix}-posts`])
  const mapping = await (await fetch(`${url}/${prefix}-posts/_mapping`)).text()
  expect(mapping).toContain('"dynamic":"strict"')
  for (const app of apps) {
    expect(await readiness(app)).toEqual({ code: 200, status: 'ok', search: 'ok' })
  }
})

test('Elasticsearch may come after the service: what was written meanwhile is found', async () => {
  await using link = await openLink(url)
  link.cut()
  const database = await aDatabase()
  const app = await start(database, link.url)
  expect(await readiness(app)).toEqual({
    code: 200,
    status: 'degraded',
    search: 'unavailable',
  })
  const written = await app.request('/posts', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await identity.headers({ userId: 1 })) },
    body: JSON.stringify({ text_content: 'patient' }),
  })
  expect(written.status).toBe(201)
  expect((await app.request('/posts/search?q=patient')).status).toBe(503)
  expect(await indices()).toEqual([])

  link.mend()
  await expect.poll(() => readiness(app), deadline).toMatchObject({ search: 'ok' })
  const find = async () =>
    Object(await (await app.request('/posts/search?q=patient')).json()).items?.length
  await expect.poll(find, deadline).toBe(1)
  expect(await indices()).toEqual([`${prefix}-posts-000001`])
})

test('what Kibana shows of posts is there, and the words are not', async () => {
  const database = await aDatabase()
  const app = await start(database, url)
  const headers = { 'content-type': 'application/json', ...(await identity.headers({ userId: 7 })) }
  const body = JSON.stringify({ text_content: 'secretive' })
  await app.request('/posts', { method: 'POST', headers, body })
  const { timeFieldName, columns } = await ofKibana()
  const search = async () => {
    const asked = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const fields = JSON.stringify({ fields: [...columns, timeFieldName] })
    const response = await fetch(`${url}/${prefix}-posts/_search`, { ...asked, body: fields })
    return Object(await response.json()).hits?.hits ?? []
  }
  await expect.poll(search, deadline).toHaveLength(1)
  const [hit] = await search()
  expect(Object.keys(hit.fields).sort()).toEqual([...columns, timeFieldName].sort())
  expect(hit.fields.creator_id).toEqual([7])
  expect(JSON.stringify(hit)).not.toContain('secretive')
})

/** The fields that the objects for Kibana name. */
async function ofKibana(): Promise<{ timeFieldName: string; columns: string[] }> {
  const file = new URL('../../cluster/kibana/ego.ndjson', import.meta.url)
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  return Object.assign({}, ...lines.map((line) => Object(JSON.parse(line)).attributes))
}
