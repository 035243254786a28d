import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startStaff, type TestStaff } from '../start-staff.ts'

let given: TestStaff

beforeAll(async () => {
  given = await startStaff()
})
afterAll(() => given[Symbol.asyncDispose]())

describe('the e-mail address of another user', () => {
  test('is changed by staff and the old address is told', async () => {
    const member = await given.aMember()
    const user_email = `moved.${member.user_email}`
    await given.asked(200, 'PATCH', member.path, { user_email, username: `${member.username}.m` })
    const [mail] = await given.auth.mails()
    expect(mail).toEqual({
      template: 'email_changed',
      to: member.user_email,
      username: `${member.username}.m`,
      new_email: user_email,
    })
  })

  test('that is the same already, or that another one has, sends no mail', async () => {
    const member = await given.aMember()
    const before = (await given.auth.mails()).length
    const { user_email } = given.staff
    await given.asked(200, 'PATCH', member.path, { user_email: member.user_email })
    await given.asked(409, 'PATCH', member.path, { user_email })
    await given.asked(200, 'PATCH', member.path, { username: `${member.username}.n` })
    expect(await given.auth.mails()).toHaveLength(before)
  })

  test('makes the token that was mailed to the old one useless', async () => {
    const member = await given.aMember()
    const [welcome] = await given.auth.mails()
    expect(welcome).toMatchObject({ to: member.user_email, token: expect.any(String) })
    await given.asked(202, 'POST', `${member.path}/password-reset`)
    const [reset] = await given.auth.mails()
    await given.asked(200, 'PATCH', member.path, { user_email: `late.${member.user_email}` })
    const { post } = given.auth
    const confirm = await post('/auth/email/verification/confirm', { token: welcome?.token })
    expect(confirm.status).toBe(400)
    const body = { token: reset?.token, password: 'a brand new passphrase' }
    expect((await post('/auth/password/reset', body)).status).toBe(400)
    expect(await given.asked(200, 'GET', member.path)).toMatchObject({ email_verified: false })
  })
})

describe('a member of staff', () => {
  test('changes their own e-mail address with the password only, and is told where', async () => {
    const { path, user_email } = given.staff
    const before = (await given.auth.mails()).length
    const body = { user_email: 'thief@example.com', username: 'thief' }
    const problem = await given.asked(409, 'PATCH', path, body)
    expect(problem).toMatchObject({ code: 'not_on_yourself' })
    expect(problem.detail).toContain('PATCH /auth/me')
    expect(await given.asked(200, 'GET', path)).toMatchObject({
      user_email,
      username: given.staff.username,
    })
    expect(await given.auth.mails()).toHaveLength(before)
  })

  test('changes their own username there only, where it is compared with the password', async () => {
    const { path, username, password } = given.staff
    for (const name of ['another.name', username]) {
      const problem = await given.asked(409, 'PATCH', path, { username: name })
      expect(problem).toMatchObject({ code: 'not_on_yourself' })
      expect(problem.detail).toContain('PATCH /auth/me')
    }
    expect(await given.asked(200, 'GET', path)).toMatchObject({ username })
    const body = { username: 'renamed.staff', current_password: password }
    await given.asked(200, 'PATCH', '/auth/me', body)
  })

  test('may have a reset mailed to their own address', async () => {
    const { path, user_email } = given.staff
    await given.asked(202, 'POST', `${path}/password-reset`)
    const [mail] = await given.auth.mails()
    expect(mail).toMatchObject({ template: 'password_reset', to: user_email })
  })

  test('may end all their own sessions, this one too', async () => {
    const other = await given.aMember(['staff'])
    const identity = await given.identityOf(other)
    expect((await given.send(identity, 'POST', `${other.path}/logout`)).status).toBe(204)
    expect((await given.verify(other.access)).status).toBe(401)
    expect(await given.refresh(other.refresh)).toBe(401)
    expect(await given.login(other)).toBe(200)
  })
})
