import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStaff, type TestStaff } from '../start-staff.ts'

let given: TestStaff

beforeAll(async () => {
  given = await startStaff()
})
afterAll(() => given[Symbol.asyncDispose]())

test('a reset by staff mails a token that only its owner learns, and is in the audit log', async () => {
  const member = await given.aMember()
  await given.asked(202, 'POST', `${member.path}/password-reset`)
  const [mail] = await given.auth.mails()
  expect(mail).toMatchObject({ template: 'password_reset', to: member.user_email })
  const [entry] = await given.auth.sql`
    select actor_id, user_id
    from audit
    where action = 'password.reset_requested'`
  expect(entry).toMatchObject({ user_id: member.id, actor_id: expect.any(Number) })
  const reset = { token: mail?.token, password: 'a brand new passphrase' }
  expect((await given.auth.post('/auth/password/reset', reset)).status).toBe(204)
  expect(await given.login({ ...member, password: reset.password })).toBe(200)
})

test('a reset of a disabled user is 409, and nothing is mailed', async () => {
  const member = await given.aMember()
  await given.asked(200, 'PATCH', member.path, { status: 'disabled' })
  const before = await given.auth.mails()
  const problem = await given.asked(409, 'POST', `${member.path}/password-reset`)
  expect(problem).toMatchObject({
    code: 'user_disabled',
    detail: 'This account is disabled. Enable the account first.',
  })
  expect(await given.auth.mails()).toEqual(before)
})

test('a reset of an unknown user is 404', async () => {
  await given.asked(404, 'POST', '/auth/admin/users/999999/password-reset')
})
