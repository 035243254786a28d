import { afterAll, beforeAll, expect, test } from 'vitest'
import { aMember, as, startAuth, type TestAuth } from '../start-auth.ts'

let auth: TestAuth

beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

const forgot = async (user_email: string, ip: string) =>
  (await auth.post('/auth/password/forgot', { user_email }, { 'x-real-ip': ip })).status

const resetsAsked = async () =>
  (await auth.sql`select 1 from outbox where type = 'password.forgotten.v1'`).length

test('a stranger who asks for resets again and again locks out only their own network', async () => {
  const { user_email } = await aMember(auth)
  const statuses: number[] = []
  for (let count = 0; count < 7; count += 1) statuses.push(await forgot(user_email, '192.0.2.1'))
  expect(statuses).toEqual([202, 202, 202, 202, 202, 429, 429])
  const before = await resetsAsked()
  expect(await forgot(user_email.toUpperCase(), '192.0.2.1')).toBe(429)
  expect(await forgot(user_email, '192.0.2.2')).toBe(202)
  expect(await resetsAsked()).toBe(before + 1)
})

test('strangers in many networks fill no mailbox, and are not told', async () => {
  const before = await resetsAsked()
  for (let network = 1; network <= 8; network += 1) {
    for (let count = 0; count < 4; count += 1) {
      expect(await forgot('flooded@example.com', `198.51.100.${network}`)).toBe(202)
    }
  }
  expect(await resetsAsked()).toBe(before + 20)
})

test('a member who wants the address of another uses up nothing of the other', async () => {
  const [owner, other] = [await aMember(auth), await aMember(auth)]
  const { user_email } = owner
  const statuses: number[] = []
  for (let count = 0; count < 7; count += 1) {
    const change = { user_email, current_password: other.password }
    statuses.push((await as(auth, other.token, '/auth/me', 'PATCH', change)).status)
  }
  expect(statuses).toEqual([409, 409, 409, 409, 409, 429, 429])
  const before = await resetsAsked()
  for (let count = 0; count < 4; count += 1) {
    for (const ip of ['192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14', '192.0.2.15']) {
      expect(await forgot(user_email, ip)).toBe(202)
    }
  }
  expect(await resetsAsked()).toBe(before + 20)
})

test('many members together do not fill the mailbox of a stranger', async () => {
  const statuses: number[] = []
  for (let member = 0; member < 5; member += 1) {
    const { token, password } = await aMember(auth)
    for (let count = 0; count < 5; count += 1) {
      const change = { user_email: 'nobodys@example.com', current_password: password }
      statuses.push((await as(auth, token, '/auth/me', 'PATCH', change)).status)
    }
  }
  expect(statuses).toEqual([...Array(20).fill(200), ...Array(5).fill(429)])
})

test('members who want an address without an account use up none of its resets', async () => {
  const user_email = 'wanted@example.com'
  for (let member = 0; member < 5; member += 1) {
    const { token, password } = await aMember(auth)
    for (let count = 0; count < 4; count += 1) {
      const change = { user_email, current_password: password }
      expect((await as(auth, token, '/auth/me', 'PATCH', change)).status).toBe(200)
    }
  }
  const before = await resetsAsked()
  for (let network = 1; network <= 5; network += 1) {
    for (let count = 0; count < 5; count += 1) {
      expect(await forgot(user_email, `203.0.113.${network}`)).toBe(202)
    }
  }
  expect(await resetsAsked()).toBe(before + 20)
})
