import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStaff, type TestStaff } from '../start-staff.ts'

let given: TestStaff

beforeAll(async () => {
  given = await startStaff({ LOGIN_MISSES_MAX: '4' })
})
afterAll(() => given[Symbol.asyncDispose]())

test('right logins while the roles change all succeed, with the roles of then', async () => {
  const member = await given.aMember()
  const by = await given.identityOf(given.staff)
  const { username, password } = member
  const logins = Array.from({ length: 20 }, () =>
    given.auth.post('/auth/login', { username, password }),
  )
  for (let round = 0; round < 10; round += 1) {
    const body = { roles: [`role${round}`] }
    expect((await given.send(by, 'PATCH', member.path, body)).status).toBe(200)
  }
  const answers = await Promise.all(logins)
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  for (const answer of answers) {
    const { access_token: access } = Object(await answer.json())
    const { status, headers } = await given.verify(access)
    // A session from before a later change was ended by it.
    if (status === 204) expect(headers.get('x-user-roles')).toBe('role9')
    else expect(status).toBe(401)
  }
})

test('a login that waited while its roles changed has the new ones', async () => {
  const member = await given.aMember()
  let login: Response | Promise<Response> = Response.error()
  await given.auth.sql.begin(async (tx) => {
    await tx`update account set roles = '{editor}' where user_id = ${member.id}`
    const { username, password } = member
    login = given.auth.post('/auth/login', { username, password })
    const waiting = () => given.auth.sql`
      select 1
      from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
    await expect.poll(waiting).toHaveLength(1)
  })
  const answer = await login
  expect(answer.status).toBe(200)
  const { access_token: access } = Object(await answer.json())
  expect((await given.verify(access)).headers.get('x-user-roles')).toBe('editor')
})

test('the right password to delete an account at once is never called wrong', async () => {
  for (let round = 0; round < 5; round += 1) {
    const member = await given.aMember()
    const identity = await given.identityOf(member)
    const body = { password: member.password }
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => given.send(identity, 'DELETE', '/auth/me', body)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401, 401])
  }
})

test('right passwords that were changed meanwhile are no misses', async () => {
  const member = await given.aMember()
  const identity = await given.identityOf(member)
  const change = (index: number) =>
    given.send(identity, 'PATCH', '/auth/me', {
      password: `a better passphrase ${index}`,
      current_password: member.password,
    })
  const answers = await Promise.all([0, 1, 2, 3].map(change))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403])
  const misses: number[] = []
  for (let count = 0; count < 6; count += 1) misses.push(await given.login(member))
  expect(misses).toEqual([401, 401, 401, 401, 401, 429])
})
