import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRegistration, startAuth, type TestAuth } from '../start-auth.ts'

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

const register = (body: unknown) => auth.post('/auth/registration', body)

describe('a registration', () => {
  test('is answered with the account and its tokens', async () => {
    const registration = aRegistration()
    const response = await register(registration)
    expect(response.status).toBe(201)
    expect(await response.json()).toEqual({
      user_id: expect.any(Number),
      username: registration.username,
      user_email: registration.user_email,
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_token: expect.stringMatching(/^[\w-]{75}$/),
      token_type: 'Bearer',
      expires_in: 900,
    })
  })

  test('stores no password, and one event without the e-mail address', async () => {
    const registration = aRegistration({ password: 'canary-password' })
    await register(registration)
    const [row] = await auth.sql`
      select password_hash, account::text as everything
      from account
      where username = ${registration.username}`
    expect(row?.password_hash).toMatch(/^\$argon2id\$/)
    expect(row?.everything).not.toContain('canary-password')
    const events = await auth.sql`
      select type, payload, request_id
      from outbox
      where payload->>'username' = ${registration.username}`
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ type: 'user.registered.v1' })
    expect(JSON.stringify(events)).not.toContain('@example.com')
    expect(auth.lines.join()).not.toContain('canary-password')
  })

  test.each([
    ['username', { username: 'Taken.Name' }, { username: 'tAKEN.nAME' }, 'username_taken'],
    [
      'e-mail',
      { user_email: 'Taken@example.com' },
      { user_email: 'taken@Example.com' },
      'email_taken',
    ],
  ])('with a %s that is taken in another case is 409', async (_, first, second, code) => {
    expect((await register(aRegistration(first))).status).toBe(201)
    const response = await register(aRegistration(second))
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ code })
  })

  test('of one name fifty times at once is one 201', async () => {
    const { username } = aRegistration()
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => register(aRegistration({ username }))),
    )
    const statuses = responses.map((response) => response.status).sort()
    expect(statuses).toEqual([201, ...Array(49).fill(409)])
  })

  test.each([
    ['username', 'ab'],
    ['username', 'a'.repeat(33)],
    ['username', '_name'],
    ['username', 'na me'],
    ['username', 'naïve'],
    ['username', 'name\0'],
    ['username', 'name\n'],
    ['username', 7],
    ['user_email', 'nowhere'],
    ['user_email', 'a\0@example.com'],
    ['user_email', `${'a'.repeat(250)}@example.com`],
    ['password', 'seven77'],
    ['password', 'a'.repeat(257)],
    ['password', '🙂'.repeat(7)],
    ['password', '\ud800 and more'],
    ['password', null],
  ])('with the %s %j is 422 and points to it', async (field, value) => {
    const response = await register(aRegistration({ [field]: value }))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: `#/${field}` }],
    })
  })

  test.each(['🙂'.repeat(8), 'a'.repeat(256), 'spaces   at the end   ', 'nul\0inside'])(
    'with the password %j can sign in with exactly it',
    async (password) => {
      const registration = aRegistration({ password })
      expect((await register(registration)).status).toBe(201)
      const { username } = registration
      expect((await auth.post('/auth/login', { username, password })).status).toBe(200)
      const other = await auth.post('/auth/login', { username, password: password.slice(0, -1) })
      expect(other.status).toBe(401)
    },
  )

  test.each(['username', 'user_email'] as const)(
    'with its %s as password is 422',
    async (field) => {
      const registration = aRegistration()
      const response = await register({
        ...registration,
        password: registration[field].toUpperCase(),
      })
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({ errors: [{ pointer: '#/password' }] })
    },
  )
})
