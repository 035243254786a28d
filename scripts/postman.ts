import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { authApp } from '../auth/src/app.ts'
import type { App } from '../kit/http/context.ts'
import type { Callers } from '../kit/http/identity/caller.ts'
import { createLog } from '../kit/process/log.ts'
import { createMetrics } from '../kit/process/metrics.ts'
import { postsApp } from '../posts/src/app.ts'
import { collectionOf, environment, textOf } from '../tests/e2e/postman/collection.ts'
import { usersApp } from '../users/src/app.ts'

// Generates the collection from the OpenAPI documents of the services, so that the two always agree. `--check` only compares.

const folder = fileURLToPath(new URL('../tests/e2e/postman/', import.meta.url))

const callers: Callers = { find: async () => null }
const around = (service: string) => ({
  log: createLog(service, 'silent'),
  metrics: createMetrics(service),
  callers,
  checks: { required: {} },
  // Reading the document calls no handler, so the handlers need no dependencies.
  ...Object(null),
})

const documents = await Promise.all([
  documentOf('auth', authApp(around('auth'))),
  documentOf('users', usersApp(around('users'))),
  documentOf('posts', postsApp(around('posts'))),
])
const files = {
  'ego.postman_collection.json': textOf(await collectionOf(documents)),
  'ego.postman_environment.json': textOf(environment),
}
for (const [name, text] of Object.entries(files)) {
  if (!process.argv.includes('--check')) writeFileSync(`${folder}${name}`, text)
  else if (readFileSync(`${folder}${name}`, 'utf8') !== text) {
    process.stderr.write(`tests/e2e/postman/${name} is not up to date: run npm run docs:postman.\n`)
    process.exitCode = 1
  }
}

async function documentOf(service: string, app: App) {
  const answer = await app.request(`/${service}/openapi.json`)
  return { service, text: await answer.text() }
}
