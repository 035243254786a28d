import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'

const folder = new URL('../../cluster/kibana/', import.meta.url)

const savedObject = z.object({
  id: z.string(),
  type: z.enum(['index-pattern', 'search']),
  coreMigrationVersion: z.string(),
  typeMigrationVersion: z.string(),
  references: z.array(z.object({ id: z.string(), name: z.string(), type: z.string() })),
  attributes: z.object({ title: z.string() }),
})

const parse = (ndjson: string) =>
  ndjson
    .trimEnd()
    .split('\n')
    .map((line) => savedObject.parse(JSON.parse(line)))

/** Answers as the API of Kibana is documented; not ready at first. */
async function startStub(answer: unknown) {
  const requests: { url: string; headers: Record<string, unknown>; form: FormData | null }[] = []
  const server = createServer(async (request, response) => {
    const { url = '', headers } = request
    const body = Buffer.concat(await request.toArray())
    const init = { headers: { 'content-type': headers['content-type'] ?? '' } }
    const form = request.method === 'POST' ? await new Response(body, init).formData() : null
    requests.push({ url, headers, form })
    response.statusCode = requests.length === 1 ? 503 : 200
    response.end(JSON.stringify(answer))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    address: `http://127.0.0.1:${Object(server.address()).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}

async function runImport(address: string) {
  const secrets = await mkdtemp(join(tmpdir(), 'ego-kibana-'))
  await writeFile(join(secrets, 'elasticsearch-password'), 'a password\n')
  const env = {
    PATH: process.env.PATH,
    EGO_SECRETS: secrets,
    EGO_KIBANA: address,
    ELASTICSEARCH_PREFIX: 'other',
  }
  const child = spawn(process.execPath, [fileURLToPath(new URL('import.ts', folder))], { env })
  const [code] = await once(child, 'close')
  await rm(secrets, { recursive: true })
  return code
}

test('the objects for Kibana are whole: each line has its versions, each reference its object', async () => {
  const objects = parse(await readFile(new URL('ego.ndjson', folder), 'utf8'))
  expect(objects.map(({ type }) => type)).toEqual(['index-pattern', 'search'])
  const ids = objects.map(({ id }) => id)
  for (const { references } of objects) {
    for (const { id } of references) expect(ids).toContain(id)
  }
})

test('they are imported once Kibana is ready, over those that are there, for our prefix', async () => {
  await using kibana = await startStub({ success: true, successCount: 2 })
  expect(await runImport(kibana.address)).toBe(0)
  const urls = kibana.requests.map(({ url }) => url)
  const path = '/api/saved_objects/_import?overwrite=true'
  expect(urls).toEqual(['/api/status', '/api/status', path])
  const { headers, form } = kibana.requests[2] ?? {}
  const authorization = `Basic ${Buffer.from('elastic:a password').toString('base64')}`
  expect(headers).toMatchObject({ 'kbn-xsrf': 'true', authorization })
  const file = form?.get('file')
  const sent = file instanceof File ? parse(await file.text()) : []
  expect(sent.map(({ attributes }) => attributes.title)).toContain('other-posts')
})

test('an import that Kibana refuses fails, although the answer is 200', async () => {
  await using kibana = await startStub({ success: false, successCount: 0, errors: [{}] })
  expect(await runImport(kibana.address)).toBe(1)
})
