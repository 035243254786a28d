import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startUsers, type TestUsers } from '../start-users.ts'
import { answerOf, avatarCalls } from './avatar-calls.ts'
import { anotherPng } from './images.ts'

const run = promisify(execFile)

let users: TestUsers
let avatars: ReturnType<typeof avatarCalls>

beforeAll(async () => {
  users = await startUsers()
  avatars = avatarCalls(users)
})
afterAll(() => users[Symbol.asyncDispose]())

const urlsTold = async (userId: number) =>
  (await users.events(userId))
    .filter(({ type }) => type === 'profile.updated.v1')
    .map(({ payload }) => Object(payload).avatar_url)

describe('an avatar', () => {
  test('replaces the one before, whose objects go', async () => {
    const { userId, headers } = await users.aPerson()
    const { url: first } = await answerOf(await avatars.put(headers, await anotherPng()))
    const { url: second } = await answerOf(await avatars.put(headers, await anotherPng()))
    expect(second).not.toBe(first)
    expect(await avatars.urlInProfile(userId)).toBe(second)
    const hash = second.split('v=')[1]
    expect(await avatars.keysThere(`avatars/${userId}/`)).toEqual(
      [256, 512, 64].map((size) => `avatars/${userId}/${hash}-${size}.webp`),
    )
    await avatars.expectObjectsAreRows()
    expect(await urlsTold(userId)).toEqual([first, second])
  })

  test('that is set again is told of once', async () => {
    const { userId, headers } = await users.aPerson()
    const upload = await anotherPng()
    const first = await answerOf(await avatars.put(headers, upload))
    const again = await avatars.put(headers, upload)
    expect([again.status, await again.json()]).toEqual([200, first])
    expect(await urlsTold(userId)).toEqual([first.url])
    await avatars.expectObjectsAreRows()
  })

  test('comes back after another one', async () => {
    const { userId, headers } = await users.aPerson()
    const [one, other] = [await anotherPng(), await anotherPng()]
    for (const upload of [one, other, one]) await avatars.put(headers, upload)
    const told = await urlsTold(userId)
    expect(told).toEqual([told[0], told[1], told[0]])
    expect(await avatars.statusOf(userId)).toBe(200)
    await avatars.expectObjectsAreRows()
  })

  test('is removed with its objects, and a second time nothing happens', async () => {
    const { userId, headers } = await users.aPerson()
    await avatars.put(headers, await anotherPng())
    expect((await avatars.remove(headers)).status).toBe(204)
    expect(await avatars.keysThere(`avatars/${userId}/`)).toEqual([])
    expect(await avatars.urlInProfile(userId)).toBe(null)
    expect(await avatars.statusOf(userId)).toBe(404)
    expect((await avatars.remove(headers)).status).toBe(204)
    expect(await urlsTold(userId)).toEqual([expect.any(String), null])
    await avatars.expectObjectsAreRows()
  })

  test('of a hidden profile is not shown, and is back with it', async () => {
    const { userId, headers } = await users.aPerson()
    await avatars.put(headers, await anotherPng())
    await users.request('/users/me', { method: 'DELETE', headers })
    expect(await avatars.statusOf(userId)).toBe(404)
    await users.request('/users/me/restore', { method: 'POST', headers })
    expect(await avatars.statusOf(userId)).toBe(200)
  })

  test('of a disabled account is not shown, and is back with it', async () => {
    const { userId, headers } = await users.aPerson()
    await avatars.put(headers, await anotherPng())
    await users.tell('user.disabled.v1', userId)
    expect(await avatars.statusOf(userId)).toBe(404)
    await users.tell('user.enabled.v1', userId)
    expect(await avatars.statusOf(userId)).toBe(200)
  })

  test('of an erased account is erased', async () => {
    const { userId, headers } = await users.aPerson()
    await avatars.put(headers, await anotherPng())
    await users.tell('user.deleted.v1', userId)
    expect(await avatars.statusOf(userId)).toBe(404)
    expect(await avatars.keysThere(`avatars/${userId}/`)).toEqual([])
    expect(await users.sql`select 1 from avatar where user_id = ${userId}`).toHaveLength(0)
  })
})

describe('at once', () => {
  test('twenty avatars of one member end with one, which the profile shows', async () => {
    const { userId, headers } = await users.aPerson()
    const uploads = await Promise.all(Array.from({ length: 20 }, anotherPng))
    const answers = await Promise.all(uploads.map((upload) => avatars.put(headers, upload)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    await avatars.sweep()
    const hash = (await avatars.urlInProfile(userId))?.split('v=')[1]
    expect(await avatars.keysThere(`avatars/${userId}/`)).toEqual(
      [256, 512, 64].map((size) => `avatars/${userId}/${hash}-${size}.webp`),
    )
    await avatars.expectObjectsAreRows()
    expect((await urlsTold(userId)).at(-1)).toBe(`/users/${userId}/avatar?v=${hash}`)
  })

  test('setting, removing and erasing leave nothing behind', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, () => users.aPerson()))
    const uploads = await Promise.all([anotherPng(), anotherPng()])
    await Promise.all(
      people.flatMap(({ userId, headers }, at) => [
        ...uploads.map((upload) => avatars.put(headers, upload)),
        avatars.remove(headers),
        ...(at % 2 === 0 ? [users.tell('user.deleted.v1', userId)] : []),
        avatars.put(headers, uploads[0]),
      ]),
    )
    await avatars.sweep()
    await avatars.expectObjectsAreRows()
    const left = await users.sql`
      select 1
      from avatar
      where not exists (select 1 from profile where profile.user_id = avatar.user_id)`
    expect(left).toHaveLength(0)
  })

  test('sixty uploads are done or told to come back', async () => {
    const people = await Promise.all(Array.from({ length: 60 }, () => users.aPerson()))
    const upload = await anotherPng()
    const busy: Response[] = []
    const answers = await users.sql.begin(async (tx) => {
      // No upload can write before all have come.
      await tx`
        select pg_advisory_xact_lock(hashtextextended('users.avatar', user_id))
        from unnest(${people.map(({ userId }) => userId)}::bigint[]) as person (user_id)`
      const answers = people.map(async ({ headers }) => {
        const answer = await avatars.put(headers, upload)
        if (answer.status !== 200) busy.push(answer)
      })
      await vi.waitFor(() => expect(busy.length).toBe(60 - 34), { timeout: 4_000 })
      return answers
    })
    await Promise.all(answers)
    expect(busy.length).toBe(60 - 34)
    for (const answer of busy) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
      expect(await answer.json()).toMatchObject({ code: 'busy' })
    }
    await avatars.expectObjectsAreRows()
  })

  test('others are answered while images are being decoded', async () => {
    const { userId, headers } = await users.aPerson()
    const raw = { width: 3500, height: 3500, channels: 3 } as const
    const noise = Buffer.alloc(
      3500 * 3500 * 3,
      'something that repeats itself out of step with the lines',
    )
    const upload = await sharp(noise, { raw }).jpeg({ quality: 30, progressive: true }).toBuffer()
    const set = async () => avatars.put(headers, upload)
    let isDone = false
    const setting = set().finally(() => {
      isDone = true
    })
    let answered = 0
    while (!isDone) {
      expect((await users.request(`/users/${userId}`)).status).toBe(200)
      answered += 1
      await new Promise(setImmediate)
    }
    expect((await setting).status).toBe(200)
    expect(answered).toBeGreaterThan(5)
  })
})

test('the library of images is not loaded before the first upload', async () => {
  const wire = new URL('../../src/wire.ts', import.meta.url).href
  const isLoaded = async (...modules: string[]) => {
    const imports = modules.map((name) => `await import(${JSON.stringify(name)});`).join('')
    const look = 'process.report.getReport().sharedObjects.some((path) => path.includes("sharp"))'
    const script = `${imports} console.log(${look})`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script])
    return stdout.trim()
  }
  expect(await isLoaded(wire)).toBe('false')
  expect(await isLoaded(import.meta.resolve('sharp'))).toBe('true')
})
