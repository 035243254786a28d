import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRegistration, startAuth, type TestAuth } from '../start-auth.ts'

let auth: TestAuth
const member = aRegistration()

beforeAll(async () => {
  auth = await startAuth({
    ADMIN_USERNAME: 'admin',
    ADMIN_EMAIL: 'admin@localhost.localdomain',
    ADMIN_PASSWORD: 'a passphrase for admins',
  })
  await auth.post('/auth/registration', member)
})
afterAll(() => auth[Symbol.asyncDispose]())

const login = (body: unknown, headers?: Record<string, string>) =>
  auth.post('/auth/login', body, headers)

describe('a login', () => {
  test.each([
    ['username', { username: member.username.toUpperCase() }],
    ['e-mail', { user_email: member.user_email.toUpperCase() }],
  ])('by %s in any case is answered with tokens', async (_, name) => {
    const response = await login({ ...name, password: member.password })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ token_type: 'Bearer', expires_in: 900 })
  })

  test('starts a session that knows its device and ip', async () => {
    const headers = { 'user-agent': 'curl/8', 'x-real-ip': '192.0.2.7' }
    await login({ username: member.username, password: member.password }, headers)
    const [session] = await auth.sql`
      select device, ip
      from session
      order by session_id desc
      limit 1`
    expect(session).toEqual({ device: 'curl/8', ip: '192.0.2.7' })
  })

  test('with a wrong password or an unknown name gets one and the same answer', async () => {
    const wrong = await login({ username: member.username, password: 'something else' })
    const unknown = await login({ username: 'unknown', password: 'something else' })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    const withoutId = { request_id: '' }
    expect({ ...(await json(wrong)), ...withoutId }).toEqual({
      ...(await json(unknown)),
      ...withoutId,
    })
  })

  test('of a disabled account is refused like a wrong password', async () => {
    const disabled = aRegistration()
    await auth.post('/auth/registration', disabled)
    await auth.sql`update account set status = 'disabled' where username = ${disabled.username}`
    const response = await login({ username: disabled.username, password: disabled.password })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'bad_credentials' })
  })

  test.each([
    [{ password: 'x' }],
    [{ username: 'a', user_email: 'a@example.com', password: 'x' }],
    [{ username: 'a\0', password: 'x' }],
    [{ username: 'a' }],
    [{ username: { $ne: '' }, password: 'x' }],
  ])('with the body %j is 422', async (body) => {
    expect((await login(body)).status).toBe(422)
  })

  test('of the first admin carries the role staff', async () => {
    const response = await login({ username: 'admin', password: 'a passphrase for admins' })
    const { access_token } = await json(response)
    const headers = { authorization: `Bearer ${access_token}` }
    const verified = await auth.request('/auth/verify/staff', { headers })
    expect(verified.status).toBe(204)
    expect(verified.headers.get('x-user-roles')).toBe('staff')
  })
})

async function json(response: Response): Promise<Record<string, unknown>> {
  return Object(await response.json())
}
