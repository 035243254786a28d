import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { z } from 'zod'
import { call } from './client.ts'
import { collectionOf, environment, textOf } from './postman/collection.ts'

const services = ['auth', 'users', 'posts']
const root = fileURLToPath(new URL('../..', import.meta.url))

// Includes the installation of the converter and newman.
const runMsMax = 300_000

const run = promisify(execFile)

async function walk(baseUrl: string): Promise<{ code: number; stdout: string }> {
  const command = run('npm', ['run', '-s', 'postman', '--', baseUrl], { cwd: root })
  const failed = z.object({ code: z.number(), stdout: z.string() })
  return command.then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error) => failed.parse(error),
  )
}

async function readFiles() {
  const read = (name: string) => readFile(new URL(`postman/${name}.json`, import.meta.url), 'utf8')
  return {
    collection: await read('ego.postman_collection'),
    environment: await read('ego.postman_environment'),
  }
}

beforeAll(async () => {
  await run(process.execPath, ['scripts/install.mjs', 'tests/e2e/postman'], { cwd: root })
}, runMsMax)

describe('the collection for Postman', () => {
  test('matches the documents of the platform', async () => {
    const documents = services.map(async (service) => {
      const { body } = await call(`/${service}/openapi.json`)
      return { service, text: JSON.stringify(body) }
    })
    const made = textOf(await collectionOf(await Promise.all(documents)))
    expect(await readFiles()).toEqual({ collection: made, environment: textOf(environment) })
  })

  test('has every operation in the folder of its service and tag', async () => {
    const request = z.object({ method: z.string(), url: z.object({ path: z.array(z.string()) }) })
    const tag = z.object({ name: z.string(), item: z.array(z.object({ request })) })
    const { item } = z
      .object({ item: z.array(z.object({ name: z.string(), item: z.array(z.unknown()) })) })
      .parse(JSON.parse((await readFiles()).collection))
    const inCollection = item.slice(1).flatMap((service) =>
      z
        .array(tag)
        .parse(service.item)
        .flatMap((folder) =>
          folder.item.map(({ request: { method, url } }) => {
            const path = url.path.map((part) => part.replace(/^:(.*)/, '{$1}')).join('/')
            return `${service.name} ${folder.name} ${method} /${path}`
          }),
        ),
    )
    const operation = z.object({ tags: z.tuple([z.string()]) })
    const paths = z.record(z.string(), z.record(z.string(), operation))
    const documented = services.map(async (service) => {
      const { body } = await call(`/${service}/openapi.json`)
      return Object.entries(paths.parse(Object(body).paths)).flatMap(([path, methods]) =>
        Object.entries(methods).map(
          ([method, { tags }]) => `${service} ${tags[0]} ${method.toUpperCase()} ${path}`,
        ),
      )
    })
    expect(inCollection.toSorted()).toEqual((await Promise.all(documented)).flat().toSorted())
  })

  test('can be run repeatedly', { timeout: runMsMax }, async () => {
    for (const _ of [1, 2]) {
      const { code, stdout } = await walk(inject('baseUrl'))
      expect(stdout).toContain('The refresh token is dead too')
      expect(code).toBe(0)
    }
  })

  test('reports a failed step and stops', { timeout: runMsMax }, async () => {
    const { code, stdout } = await walk(`${inject('baseUrl')}/nowhere`)
    expect(code).toBe(1)
    expect(stdout).toContain('answers 201')
    expect(stdout).not.toContain('Log in')
  })
})
