import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStaff, type TestStaff } from '../start-staff.ts'

let given: TestStaff

beforeAll(async () => {
  given = await startStaff()
})
afterAll(() => given[Symbol.asyncDispose]())

type Member = Awaited<ReturnType<TestStaff['aMember']>>

/** What a thief may still send: the session is gone, but this process has not heard of it yet. */
async function aThiefOf(member: Member) {
  const identity = await given.identityOf(member)
  await given.auth.sql`delete from session where session_id = ${identity['x-session-id']}`
  return async (method: string, path: string, body?: unknown) => {
    const { status } = await given.send(identity, method, path, body)
    return status
  }
}

async function loggedIn({ username, password }: Member) {
  const response = await given.auth.post('/auth/login', { username, password })
  return given.identityOf({ access: String(Object(await response.json()).access_token) })
}

test('a session that has ended ends no session of the owner', async () => {
  const member = await given.aMember()
  const owner = await loggedIn(member)
  const thief = await aThiefOf(member)
  const own = `/auth/sessions/${owner['x-session-id']}`
  expect(await thief('DELETE', own)).toBe(401)
  expect((await given.send(owner, 'GET', '/auth/me')).status).toBe(200)
  expect((await given.send(owner, 'DELETE', own)).status).toBe(204)
  expect((await given.send(owner, 'GET', '/auth/me')).status).toBe(401)
})

test('a session that has ended learns nothing of the password, and delays no other attempt', async () => {
  const member = await given.aMember()
  const thief = await aThiefOf(member)
  const statuses: number[] = []
  for (const current_password of [...Array(8).fill('wrong'), member.password]) {
    const username = 'thief.of.names'
    statuses.push(
      await thief('DELETE', '/auth/me', { password: current_password }),
      await thief('PATCH', '/auth/me', { username, current_password }),
    )
  }
  for (let count = 0; count < 8; count += 1) {
    statuses.push(await thief('PATCH', '/auth/me', { username: 'guessed.name' }))
  }
  expect(new Set(statuses)).toEqual(new Set([401]))
  expect(await given.login(member)).toBe(200)
})

test('a session that has ended uses up none of the mails of the owner', async () => {
  const member = await given.aMember()
  const thief = await aThiefOf(member)
  const change = { user_email: 'thief@example.com', current_password: member.password }
  for (let count = 0; count < 3; count += 1) {
    expect(await thief('POST', '/auth/email/verification')).toBe(401)
    expect(await thief('PATCH', '/auth/me', change)).toBe(401)
  }
  const owner = await loggedIn(member)
  const statuses: number[] = []
  for (let count = 0; count < 6; count += 1) {
    statuses.push((await given.send(owner, 'POST', '/auth/email/verification')).status)
  }
  expect(statuses).toEqual([202, 202, 202, 202, 202, 429])
})
