import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@ego/kit/process/free-port'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEmbedded } from './start-embedded.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ego start '))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the first start shows the password of the admin, and a later one does not', async () => {
  const options = { data: join(folder, 'twice'), port: await freePort() }
  const first = await startEmbedded(options)
  expect(await first.isUp(), first.run.errors).toBe(true)
  const password = /admin \/ (\S+)/.exec(first.run.output)?.[1] ?? ''
  const login = await fetch(`${first.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password }),
  })
  expect(login.status).toBe(200)
  expect((await first.stop('SIGINT')).code).toBe(0)

  const second = await startEmbedded(options)
  expect(await second.isUp(), second.run.errors).toBe(true)
  expect(second.run.output).not.toContain(password)
  expect(second.run.output).toContain('see secrets.json')
  const { code, errors } = await second.stop('SIGTERM')
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  const secrets = await stat(join(options.data, 'secrets.json'))
  expect(secrets.mode & 0o777).toBe(0o600)
})

test('a data folder in use prints one sentence and exits 1', async () => {
  const data = join(folder, 'shared')
  const holder = await startEmbedded({ data, port: await freePort() })
  expect(await holder.isUp(), holder.run.errors).toBe(true)
  const other = await startEmbedded({ data, port: await freePort() })
  const { code, errors } = await other.ended
  await holder.stop()
  expect(code).toBe(1)
  expect(errors).toMatch(/^The data folder .* is in use by another Ego.*\n$/)
})

test('a taken port prints one sentence and exits 1, and the next start still shows the password', async () => {
  const taken = createServer()
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve(Object(taken.address()).port))
  })
  const platform = await startEmbedded({ data: join(folder, 'port'), port })
  const { code, errors } = await platform.ended
  taken.close()
  expect({ code, errors }).toEqual({
    code: 1,
    errors: `Port ${port} is taken: stop the program that listens there, or choose another with --port.\n`,
  })
  const next = await startEmbedded({ data: join(folder, 'port'), port: await freePort() })
  expect(await next.isUp(), next.run.errors).toBe(true)
  expect(next.run.output).toMatch(/admin \/ \S{43}/)
  await next.stop()
})

test('a data folder that is a file prints one sentence and exits 1', async () => {
  const data = join(folder, 'file')
  await writeFile(data, '')
  const platform = await startEmbedded({ data, port: await freePort() })
  const { code, errors } = await platform.ended
  expect(code).toBe(1)
  expect(errors).toMatch(/^The data folder .* is a file.*\n$/)
  expect(await readdir(folder)).toContain('file')
})

test.each([
  [{ EGO_AUTH_URL: 'http://user:pw@host/?x' }, /EGO_AUTH_URL: is for a gateway that runs without/],
  [{ EGO_POSTS_HOST: 'posts' }, /EGO_POSTS_HOST: is for a gateway that runs without/],
  [{ EGO_METRICS_PORT: 'http' }, /EGO_METRICS_PORT: must be a number from 1 to 65535\.\n$/],
])('an invalid setting is named, and nothing is created: %j', async (environment, sentence) => {
  const data = join(folder, Object.keys(environment).join())
  const platform = await startEmbedded({ data, port: await freePort(), environment })
  if (await platform.isUp()) await platform.stop()
  const { code, errors } = await platform.ended
  expect(code).toBe(1)
  expect(errors).toMatch(sentence)
  expect(existsSync(data)).toBe(false)
})

test.each([
  ['two signals of Ctrl-C under npm', ['SIGINT', 'SIGINT']],
  ['a signal of each kind', ['SIGINT', 'SIGTERM']],
] as const)('%s stop the platform once and in order', async (_, signals) => {
  const platform = await startEmbedded({
    data: join(folder, signals.join()),
    port: await freePort(),
  })
  expect(await platform.isUp(), platform.run.errors).toBe(true)
  for (const signal of signals) process.kill(platform.pid, signal)
  const { code, errors } = await platform.ended
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
})

test('a signal during the start stops the platform once it has started', async () => {
  const platform = await startEmbedded({ data: join(folder, 'early'), port: await freePort() })
  const hasBegun = () => existsSync(join(folder, 'early', 'postgres'))
  await expect.poll(hasBegun, { timeout: 60_000 }).toBe(true)
  const { code, errors } = await platform.stop('SIGTERM')
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
})
