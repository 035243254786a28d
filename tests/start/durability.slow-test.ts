import { readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@ego/kit/process/free-port'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEmbedded } from './start-embedded.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ego durable '))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const rounds = 5
const acknowledgedMin = 30

async function json(response: Response) {
  return Object(await response.json())
}

const send = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

test('five kills during writes lose no acknowledged write', async () => {
  const data = join(folder, 'data')
  const port = await freePort()
  const written: string[] = []
  for (let round = 1; round <= rounds; round += 1) {
    const platform = await startEmbedded({ data, port })
    expect(await platform.isUp(), platform.run.errors).toBe(true)
    const authorization = await signUp(platform.url, `writer${round}`)
    await findAll(platform.url, written)
    expect(processesOf(data).length).toBeGreaterThan(1)
    const writers = [1, 2, 3, 4].map((writer) =>
      writeUntilCut(platform.url, authorization, `r${round}w${writer}`, written),
    )
    const target = written.length + acknowledgedMin
    await expect.poll(() => written.length, { timeout: 20_000 }).toBeGreaterThan(target)
    process.kill(platform.pid, 'SIGKILL')
    await Promise.all([platform.ended, ...writers])
  }
  const last = await startEmbedded({ data, port })
  expect(await last.isUp(), last.run.errors).toBe(true)
  await findAll(last.url, written)
  const { code, errors } = await last.stop()
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  expect(processesOf(data)).toEqual([])
}, 120_000)

async function signUp(url: string, username: string): Promise<string> {
  const registration = {
    username,
    password: 'a good passphrase',
    user_email: `${username}@a.example`,
  }
  const response = await send(`${url}/auth/registration`, registration)
  expect(response.status).toBe(201)
  return `Bearer ${(await json(response)).access_token}`
}

/** Writes one post after the other, and records those that were answered with 201. */
async function writeUntilCut(url: string, authorization: string, name: string, written: string[]) {
  for (let number = 1; ; number += 1) {
    const text_content = `${name}n${number}`
    const response = await send(`${url}/posts`, { text_content }, { authorization }).catch(
      () => null,
    )
    if (!response) return
    expect(response.status).toBe(201)
    const isWhole = await response.json().then(
      () => true,
      () => false,
    )
    if (!isWhole) return
    written.push(text_content)
  }
}

async function findAll(url: string, written: readonly string[]) {
  for (const text of written) {
    const { items } = await json(await fetch(`${url}/posts/search?q=${text}`))
    expect(items, text).toHaveLength(1)
  }
}

/** Finds processes by their working directory, because the children of Postgres do not have it in their arguments. */
function processesOf(data: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`).startsWith(data)
    } catch {
      // The process has ended meanwhile.
      return false
    }
  })
}
