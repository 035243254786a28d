import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aMember, as, startAuth, type TestAuth } from '../start-auth.ts'

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

type Member = Awaited<ReturnType<typeof aMember>>

const change = (member: Member, body: object) => as(auth, member.token, '/auth/me', 'PATCH', body)

async function expectRefused(response: Response, pointer: string) {
  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ code: 'validation_failed', errors: [{ pointer }] })
}

async function rename(member: Member, usernames: string[]) {
  const statuses: number[] = []
  for (const username of usernames) statuses.push((await change(member, { username })).status)
  return statuses
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}.number${index}`)

describe('a new username', () => {
  test('that is the password is refused, with and without the password at hand', async () => {
    const password = 'Xylophone.77'
    const member = await aMember(auth, { password })
    await expectRefused(await change(member, { username: password }), '#/username')
    const lower = { username: password.toLowerCase(), current_password: password }
    await expectRefused(await change(member, lower), '#/username')
    const account = Object(await (await as(auth, member.token, '/auth/me')).json())
    expect(account.username).toBe(member.username)
  })

  test('is a guess like one at a login, so that renaming is no way to guess', async () => {
    const member = await aMember(auth, { password: 'Xylophone.78' })
    const statuses = await rename(member, [...names('guess', 7), 'Xylophone.78'])
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429])
  })

  test('does not make earlier misses forgotten', async () => {
    const member = await aMember(auth)
    const statuses: number[] = []
    for (const username of names('forgiven', 4)) {
      const response = await as(auth, member.token, '/auth/me', 'DELETE', { password: 'wrong' })
      statuses.push(response.status, (await change(member, { username })).status)
    }
    expect(statuses).toEqual([403, 200, 403, 200, 403, 200, 429, 429])
  })

  test('with the right password, or too short for one, is not counted', async () => {
    const member = await aMember(auth)
    for (const username of names('counted', 8)) {
      const response = await change(member, { username, current_password: member.password })
      expect(response.status).toBe(200)
    }
    expect(await rename(member, ['s.1', 's.2', 's.3', 's.4', 's.5', 's.6', 's.7'])).toEqual(
      Array(7).fill(200),
    )
    const wrong = await change(member, { username: 's.8', current_password: 'wrong' })
    expect(wrong.status).toBe(403)
  })
})

describe('a new e-mail address', () => {
  test('that is the password is refused', async () => {
    const password = 'Passphrase@example.com'
    const member = await aMember(auth, { password })
    const body = { user_email: password.toLowerCase(), current_password: password }
    await expectRefused(await change(member, body), '#/user_email')
  })

  test('is no password to be set with it, and neither is the old one', async () => {
    const member = await aMember(auth)
    const user_email = `new.${member.user_email}`
    for (const password of [user_email.toUpperCase(), member.user_email]) {
      const body = { user_email, password, current_password: member.password }
      await expectRefused(await change(member, body), '#/password')
    }
    const good = { user_email, password: 'a better passphrase', current_password: member.password }
    expect((await change(member, good)).status).toBe(200)
  })
})
